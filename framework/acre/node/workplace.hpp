// Where a worker runs its attempts, and what it offers to them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <acre/base/time.hpp>
#include <acre/task/context.hpp>

namespace acre::node {

/// One worker's, for all its attempts, one after the other. One thread.
class Workplace final : public task::Host {
 public:
  /// What worker and agent tell each other while an attempt runs; written and read at any time.
  struct Words {
    std::atomic<std::uint32_t>& stage;       ///< a task::Stage
    const std::atomic<std::uint32_t>& stop;  ///< not 0: tasks are asked to end
    std::atomic<std::uint32_t>& heeds;       ///< 1 while an attempt runs that has asked for that
  };
  struct Place {
    std::string run;     ///< folder for scratch files of this node's share of the run; see scratch.hpp
    std::string worker;  ///< the worker's in it
    std::int64_t job_end_wall_ns = 0;  ///< 0: unknown
  };
  Workplace(Words words, Place place);
  /// Removes the worker's folder.
  ~Workplace();
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  /// An attempt of the task with this index begins, which may take so long; 0: any time.
  void begin(std::uint64_t index, Duration timeout = Duration::zero()) noexcept {
    ++attempts_;
    index_ = index;
    deadline_ = timeout == Duration::zero() ? Instant::never() : now() + timeout;
  }
  /// Removes what the attempt has left in its folder.
  void end() noexcept {
    if (words_.heeds.load(std::memory_order_relaxed) != 0) words_.heeds.store(0, std::memory_order_relaxed);
    if (!scratch_.empty()) remove_folder();
  }
  std::atomic<std::uint32_t>& stage() noexcept { return words_.stage; }

  bool stop_requested() noexcept override;
  Duration remaining() const noexcept override;
  const std::string& scratch() override;
  void log(const std::string& text) override;

 private:
  void remove_folder() noexcept;

  Words words_;
  Place place_;
  int process_;  ///< this one: one that a task forks must not tidy up
  bool has_folder_ = false;
  std::uint64_t attempts_ = 0, index_ = 0;
  Instant deadline_ = Instant::never();
  std::string scratch_;  ///< of this attempt; empty until it asks
};

}  // namespace acre::node

// The workers of one executor as threads of this process.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <acre/node/pool.hpp>
#include <acre/node/thread_worker.hpp>

namespace acre::node {

/// Deals to threads, which share what the preload returned. The first of them runs the preload.
class ThreadGroup final : public MemberGroup {
 public:
  /// Starts the threads. Throws acre::Error if the system refuses one.
  explicit ThreadGroup(PoolOptions options);
  /// Waits for the tasks that run, which nothing can end; what is queued is not started. Blocks.
  ~ThreadGroup() override { share_.quit.store(true); }

  void dispatch(MemberId member, const Deal& deal, const TaskRequest& request) override;
  void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) override;
  void resize(std::uint32_t workers) override;
  void kill(MemberId) override {}  // a thread cannot be ended
  void watch_starts() override { watching_starts_ = true; }
  void abandon() override { share_.quit.store(true); }
  void share(const task::SharedHandle& value) override { shelf_.put(value); }
  void unshare(std::uint64_t id) override { shelf_.remove(id); }
  void request_stop() override { options_.stop->store(1); }
  bool heeds_stop() const override { return false; }
  void flush() override;
  void hint() override;
  bool poll(MemberEvents& events) override;
  bool prepare_sleep(const SleepPlan& plan) override;
  void add_descriptors(std::vector<pollfd>& descriptors) const override;
  Duration longest_sleep() const override { return std::chrono::milliseconds(50); }
  bool all_ready() const override;
  void close() override;
  bool closed() const override;

 private:
  struct Place {
    std::unique_ptr<ThreadWorker> worker;  ///< none: it has left, and is not wanted
    bool told = false;                     ///< whether the dealer knows that it is ready, or unusable
    bool surplus = false;                  ///< asked to leave
    MemberId member{};
    bool unflushed = false;
  };
  struct Answer {
    ChunkId chunk;
    ThreadWorker::TakenBack back;
  };

  void start_missing_threads();
  std::string prepare(std::uint32_t number, task::Surroundings& here);
  void welcome(Place& place, MemberEvents& events);
  bool part_with(std::uint32_t number, MemberEvents& events);
  bool collect(std::uint32_t number, MemberEvents& events);
  std::span<const int> cpus_of(std::uint32_t number) const;
  Place& place_of(MemberId member) { return places_[by_member_.at(index_of(member))]; }

  PoolOptions options_;
  task::Shelf shelf_;
  ThreadsShare share_{options_, shelf_};
  std::once_flag preload_once_;
  task::Kept preloaded_;
  std::string preload_failure_;
  std::mutex cpus_mutex_;               ///< guards what follows, and binding by it
  std::vector<std::vector<int>> cpus_;  ///< of each thread; none: all
  std::vector<Place> places_;
  std::vector<std::uint32_t> by_member_;  ///< the place of each member id
  std::vector<std::uint32_t> unflushed_;  ///< places with something to be woken for
  std::vector<Answer> answers_;
  bool closing_ = false, watching_starts_ = false;
};

}  // namespace acre::node

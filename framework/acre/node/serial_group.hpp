// The one worker of an executor that runs its tasks in the thread that submits them.
#pragma once

#include <deque>
#include <vector>

#include <acre/node/attempt.hpp>
#include <acre/node/pool.hpp>
#include <acre/node/scratch.hpp>

namespace acre::node {

/// Runs what is dispatched inside poll(), which blocks as the tasks do; before the first one, preload and
/// initializer.
class SerialGroup final : public MemberGroup {
 public:
  explicit SerialGroup(PoolOptions options)
      : options_(std::move(options)),
        place_({stage_, *options_.stop, heeds_},
               {options_.setup.scratch, scratch_of_thread(options_.setup.scratch),
                options_.setup.job_end_wall_ns}) {}

  void dispatch(MemberId member, const Deal& deal, const TaskRequest& request) override;
  void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) override;
  void resize(std::uint32_t) override {}  // executors refuse it
  void kill(MemberId) override {}         // what runs is the caller's own thread
  void watch_starts() override { watching_starts_ = true; }
  void abandon() override { queue_.clear(); }
  void share(const task::SharedHandle& value) override { shelf_.put(value); }
  void unshare(std::uint64_t id) override { shelf_.remove(id); }
  void request_stop() override { options_.stop->store(1); }
  bool heeds_stop() const override { return false; }
  void flush() override {}
  void hint() override {}
  bool poll(MemberEvents& events) override;
  bool prepare_sleep(const SleepPlan&) override { return queue_.empty() && answers_.empty(); }
  void add_descriptors(std::vector<pollfd>&) const override {}
  Duration longest_sleep() const override { return std::chrono::milliseconds(50); }
  void close() override { closed_ = true; }
  bool all_ready() const override { return joined_; }
  bool closed() const override { return closed_; }

 private:
  struct Task {
    ChunkId chunk;
    std::uint32_t place;
    task::TaskHead head;
    Bytes arguments;
  };
  struct Answer {
    ChunkId chunk;
    std::uint32_t first = 0, count = 0;
    bool all = false;
  };
  std::string prepare();
  void run(const Task& task, MemberEvents& events);

  PoolOptions options_;
  std::atomic<std::uint32_t> stage_ = 0, heeds_ = 0;
  Workplace place_;
  task::Shelf shelf_;
  task::Surroundings here_;
  std::deque<Task> queue_;
  std::vector<Answer> answers_;
  bool joined_ = false, prepared_ = false, closed_ = false, watching_starts_ = false;
};

}  // namespace acre::node

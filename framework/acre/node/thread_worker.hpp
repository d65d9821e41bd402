// One worker that is a thread of this process: the queue of its tasks, and both sides of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <acre/channel/doorbell.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/pool.hpp>

namespace acre::node {

/// What the threads of one group share.
struct ThreadsShare {
  ThreadsShare(const PoolOptions& made_with, const task::Shelf& values) : options(made_with), shelf(values) {}
  channel::EventBell bell;          ///< rung for the agent
  std::atomic<bool> quit = false;   ///< leave after the task that runs, whatever is queued
  std::atomic<bool> leave = false;  ///< leave once nothing is queued
  const PoolOptions& options;
  const task::Shelf& shelf;
};

/// The agent's side of one worker thread, which it owns. A task that is queued is claimed by the thread or
/// taken back by the agent, decided by one compare-and-swap. One thread at a time, which is not the worker's.
class ThreadWorker {
 public:
  /// Prepares the thread for its tasks; words say why it cannot have any. Called first, on that thread.
  using Prepare = std::function<std::string(task::Surroundings& here)>;

  /// Starts the thread. Throws std::system_error if there can be no more.
  ThreadWorker(ThreadsShare& share, Prepare prepare);
  /// Waits for the thread, which leaves after the task that runs. Blocks as long as that does.
  ~ThreadWorker();
  ThreadWorker(const ThreadWorker&) = delete;
  ThreadWorker& operator=(const ThreadWorker&) = delete;

  enum class State : std::uint32_t { starting, ready, unusable, ended };
  State state() const noexcept { return state_.load(std::memory_order_acquire); }
  /// Why it is unusable; valid once it is.
  const std::string& words() const noexcept { return words_; }

  /// One task of a chunk, by its place in it.
  struct Part {
    ChunkId chunk;
    std::uint32_t place = 0;
  };
  /// Queues a task; wake() makes sure that it is seen.
  void dispatch(Part part, const task::TaskHead& head, ByteView arguments);
  void wake() noexcept;
  /// Lets the thread leave after the task that runs, whatever is queued.
  void retire() noexcept;
  /// Binds the thread to these CPUs.
  void use_cpus(std::span<const int> cpus) noexcept;
  /// Takes up to `count` unstarted tasks of a chunk back, the last ones.
  struct TakenBack {
    std::uint32_t first = 0, count = 0;
    bool all = false;  ///< whether nothing of the chunk is left here
  };
  TakenBack recall(ChunkId chunk, std::uint32_t count);

  /// A task that has ended.
  struct End {
    Part part;
    std::uint32_t attempt = 0;
    task::OutcomeHead head;
    Bytes result;
  };
  /// The next one, if there is one.
  std::optional<End> take();
  /// The chunk of the task that runs now, if it was not told before. Call it when take() has nothing.
  std::optional<ChunkId> newly_running();
  /// Tasks queued or running, as far as their ends were taken.
  std::size_t load() const noexcept { return load_; }
  /// Asks for a ring according to the plan; false if there is something to take already.
  bool prepare_sleep(const SleepPlan& plan);

 private:
  enum class Claim : std::uint32_t { queued, claimed, recalled, passed, done };
  struct Task {
    Part part;
    std::uint64_t sequence = 0;
    task::TaskHead head;
    Bytes arguments;
    std::atomic<Claim> claim = Claim::done;
    std::atomic<Task*> next = nullptr;
    task::OutcomeHead end;
    Bytes result;
  };
  static constexpr std::uint64_t never = UINT64_MAX;

  void run(const Task& first, const Prepare& prepare);
  Task* wait_for(const Task& last);
  bool quits() const noexcept { return retired_.load() || share_.quit.load(); }
  void ring_if_asked(std::uint64_t sequence) noexcept;
  void tell(State state) noexcept;

  // What the thread looks at all the time, on a cache line of its own.
  alignas(64) std::atomic<std::uint64_t> ring_at_ = never;  ///< ring the agent once this task is done
  channel::Doorbell door_{};                                ///< the thread sleeps here for tasks
  std::atomic<State> state_ = State::starting;
  std::atomic<std::uint32_t> stage_ = 0, heeds_ = 0;
  std::atomic<bool> retired_ = false;
  std::atomic<pid_t> thread_id_ = 0;  ///< once it runs
  int spins_ = 64;
  std::string words_;
  ThreadsShare& share_;
  /// Oldest first, linked for the thread. It has passed the first one, or is about to: that one was taken.
  std::deque<std::unique_ptr<Task>> tasks_;
  std::uint64_t sequence_ = 0;
  std::size_t load_ = 0;
  std::optional<ChunkId> told_;  ///< what newly_running() told last
  std::thread thread_;
};

}  // namespace acre::node

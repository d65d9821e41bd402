// The engine drives a dealer for many user threads: one of them at a time owns it, the one that waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <acre/base/error.hpp>
#include <acre/channel/doorbell.hpp>
#include <acre/executor/bunch.hpp>
#include <acre/executor/callbacks.hpp>
#include <acre/executor/handle.hpp>
#include <acre/executor/statistics.hpp>
#include <acre/node/dealer.hpp>
#include <acre/node/start_method.hpp>
#include <acre/task/hook.hpp>

namespace acre {

/// Blocking on a future inside a callback, or using an executor inside a task: the thread that would complete
/// what is waited for may be the one that waits.
class WouldDeadlock : public Error {
 public:
  using Error::Error;
};

}  // namespace acre

namespace acre::executor {

/// What is to become of a submit beyond the bounds of pending input.
enum class WhenFull { wait, refuse };

/// Throws WouldDeadlock in a callback and inside a task, where nothing may be waited for. Any thread.
void refuse_to_wait();

/// What an engine is made with.
struct EngineOptions {
  std::uint64_t seed = 0;
  std::uint32_t max_attempts = 1;
  Duration grace{};         ///< for tasks that look whether to stop, when they are cancelled
  Duration task_timeout{};  ///< of tasks without one of their own; zero: none
  schedule::Policy policy = node::executor_policy();
  std::string event_log;                ///< the file to write one to; empty: none
  std::uint32_t number = 1;             ///< of this executor in its run, from 1
  std::uint32_t local_workers = 1;      ///< asked for on this node
  std::uint32_t cores = 1;              ///< that these may use
  std::size_t max_pending = 1'000'000;  ///< bounds of input that waits to be dealt: tasks …
  std::size_t max_pending_bytes = std::size_t{256} << 20;  ///< … and bytes
  StartMethod start = StartMethod::fork;                   ///< serial: submit() runs the task
  std::vector<std::string> hosts;                          ///< name of the host of each rank, for failures
  /// Set when the run is told to end, also while a serial task holds the engine's lock; the threads' own.
  std::shared_ptr<std::atomic<std::uint32_t>> stop = std::make_shared<std::atomic<std::uint32_t>>(0);
  const std::type_info* preloaded = nullptr;   ///< what the preload returns; null without one
  const std::type_info* per_worker = nullptr;  ///< what the initializer returns; null without one
};

/// Owns a dealer and gives it to one waiting thread at a time; a background thread drives it while nobody
/// waits, so that callbacks fire. All methods: any thread; inside a task those that need the dealer throw
/// WouldDeadlock.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  /// Throws acre::Error if the event log cannot be made.
  explicit Engine(EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Before the first submit.
  void add_group(std::unique_ptr<node::MemberGroup> group);

  /// The index of a task that is about to be submitted, with so many bytes of arguments. Beyond the bounds
  /// of pending input it waits for room, driving the dealer, unless this is the callback thread, on which the
  /// room may depend; with WhenFull::refuse it returns nothing then. One task always has room.
  std::optional<std::uint64_t> admit(std::size_t bytes, WhenFull when_full);
  /// Makes a row of states, with up to so many places, for tasks of this engine from that index on.
  using MakeRow = std::shared_ptr<TaskRow> (*)(const std::shared_ptr<Engine>& engine, std::uint64_t first,
                                               std::uint32_t places);
  /// admit() and submit() in one, for a single task: its state, of a row made so that suits its function;
  /// nothing if it is refused. Takes the request, or copies it. Reads in passing what results have come.
  /// While no worker waits for tasks, those that follow each other are gathered, and go to the dealer a
  /// millisecond later at most.
  StateHandle launch(node::TaskRequest& request, WhenFull when_full, MakeRow make_row);
  /// Fills in the executor's own terms where the request leaves them open. Does not wait for the task, but
  /// for StartMethod::serial, which runs it here with the engine's lock held.
  TaskId submit(node::TaskRequest&& request);
  /// Takes one task of a range back if it has not started.
  void cancel(TaskId task, std::uint32_t place);
  /// Takes tasks back that nobody waits for any more.
  void cancel_all(const std::vector<TaskId>& tasks);

  /// Drives the dealer until `done()` holds or the deadline has passed; returns done(). `done` is called with
  /// the engine's lock held. Blocks; throws WouldDeadlock on the callback thread.
  bool wait(const std::function<bool()>& done, const node::SleepPlan& plan,
            Instant deadline = Instant::never());
  /// Whether the task has begun and not ended; on another node, whether it is there.
  bool running(TaskId task, std::uint32_t place);
  /// From now on until leave(), whoever drives this engine, its own thread if nobody else does, sees to each
  /// result at once: somebody waits for it elsewhere.
  void attend();
  void leave();
  /// Runs `look` with the engine's lock held.
  void locked(const std::function<void()>& look);

  /// Starts nothing that is not expected to end by then; after that, what is not running ends as drained.
  /// Does not wait for a task, not even a serial one: then it takes effect after that.
  void drain(Instant deadline = {});
  /// Were tasks not started because a drain's deadline was too near, and not for a drain without one?
  bool out_of_time();
  /// The same from inside Completion::complete, where the lock is held: takes effect at the next round.
  void drain_soon() noexcept { drain_soon_ = true; }
  /// Waits for all tasks (unless `cancel`: then ends them), stops the workers and returns when they are gone
  /// or the bound is over, after which they are killed. Must come before the last handle goes. Idempotent;
  /// blocks; throws WouldDeadlock on the callback thread.
  void shutdown(bool cancel, Duration bound = std::chrono::seconds(10));

  /// Waits until all workers that were asked for are ready, on all nodes; false if the time is over first.
  /// Blocks; throws ExecutorBroken, and WouldDeadlock on the callback thread.
  bool await_workers(Instant deadline);
  schedule::Counts counts();
  Statistics statistics();
  /// Workers: this node's as asked for, other nodes' as they have joined, and those that are still to leave.
  std::uint32_t workers();
  /// Puts an encoding on every node, for tasks submitted from now on; it begins at `offset` there. It is
  /// freed soon after the last handle is gone. Throws acre::Error.
  task::SharedHandle share(ByteView encoding, std::uint64_t offset);
  /// So many workers on each node from now on: see Executor::resize.
  void resize(int workers);
  /// Refuses a task whose injected parameters the executor's hooks cannot fill. Throws acre::Error.
  void check(const task::Requirements& wanted) const;
  const EngineOptions& options() const noexcept { return options_; }
  /// Whence arguments have their memory once they are long: what workers that are processes can map.
  LongSource* argument_memory() const noexcept { return argument_memory_; }
  const std::string& host_of(std::int32_t rank) const;
  Callbacks& callbacks() noexcept { return callbacks_; }

  /// A number for the next map: its stage.
  std::uint64_t next_stage();

 private:
  using Lock = std::unique_lock<std::mutex>;
  static constexpr int submits_per_look = 32;
  Lock enter();
  std::optional<std::uint64_t> admit(Lock& lock, std::size_t bytes, WhenFull when_full);
  TaskId submit_locked(node::TaskRequest&& request);
  void fill_in(node::TaskRequest& request) const;
  bool may_gather(const node::TaskRequest& request, MakeRow make_row) const;
  StateHandle gather(const node::TaskRequest& request, MakeRow make_row);
  void deal_gathered();
  void look_in_passing();
  bool wait(Lock& lock, const std::function<bool()>& done, const node::SleepPlan& plan, Instant deadline);
  bool full(std::size_t bytes) const;
  void start_drain(Instant deadline);
  void end_tasks();
  bool progress();
  void free_unwanted();
  void drive(Lock& lock, const node::SleepPlan& plan, Instant deadline);
  bool spin(Lock& lock);
  void sleep(Lock& lock, node::SleepPlan plan, Instant deadline);
  void hand_over();
  void background();
  bool busy() const;
  bool urgent() const;

  EngineOptions options_;
  LongSource* argument_memory_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_, nap_;
  std::unique_ptr<node::Dealer> dealer_;
  channel::EventBell wake_;
  std::vector<pollfd> descriptors_;
  bool owned_ = false, stopping_ = false;
  std::atomic<bool> drain_soon_ = false;
  bool drained_at_once_ = false, cut_short_ = false;
  /// Shared values whose last handle is gone, which may happen on any thread and with any lock held.
  struct Unwanted {
    std::mutex mutex;
    std::vector<std::uint64_t> ids;
    std::atomic<bool> any = false;
  };
  std::shared_ptr<Unwanted> unwanted_ = std::make_shared<Unwanted>();
  int waiting_ = 0;        ///< threads that wait beside the owner
  int attended_ = 0;       ///< threads that wait elsewhere for what this engine does
  bool followed_ = false;  ///< a callback has submitted what only the background thread will see ended
  bool heeded_ = false;    ///< whether the owner's sleep was planned with all of them
  /// So many more submits until their thread looks for results; whether one has since the last nap.
  int submits_to_look_ = submits_per_look;
  bool looked_in_passing_ = false;
  Bunch gathered_;
  MakeRow gathered_in_ = nullptr;  ///< a row made so
  bool gathers_ = false;           ///< has anything been gathered since the background thread looked?
  bool hurries_ = false;           ///< does that thread take a short nap for it?
  std::atomic<int> entering_ = 0;  ///< threads that wait for the lock
  int spins_ = 32;
  bool overslept_ = false;  ///< did the last sleep end by itself, with nothing to do since?
  std::uint64_t stages_ = 0, indices_ = 0;
  node::Tally before_;  ///< of the dealer that shutdown() has ended
  Callbacks callbacks_;
  std::thread background_;
};

}  // namespace acre::executor

// Executor: what the user submits tasks to.
#pragma once

#include <ranges>

#include <acre/executor/as_completed.hpp>
#include <acre/executor/future.hpp>
#include <acre/executor/range_source.hpp>
#include <acre/executor/ranges.hpp>
#include <acre/executor/reduce.hpp>
#include <acre/executor/results.hpp>
#include <acre/executor/task_row.hpp>
#include <acre/executor/wait.hpp>
#include <acre/random/philox.hpp>
#include <acre/task/invoke.hpp>

namespace acre {

/// The terms of one task.
struct TaskOptions {
  int priority = 0;     ///< -8 to 7; of a higher one first
  Duration expected{};  ///< how long it is expected to run, if known: longest first within a priority
  /// Its worker, which must be a process, is ended if it runs longer; none: the executor's.
  std::optional<Duration> timeout = {};
};

/// Runs tasks on the workers of this session's nodes. Move-only; public methods may be called from any
/// thread, but not from inside a task: there those that need the workers throw WouldDeadlock. The destructor
/// waits for all tasks on normal exit, and cancels and kills while an exception
/// unwinds.
class Executor {
  template <auto F>
  using ResultOf = task::ResultOf<std::decay_t<decltype(F)>>;

 public:
  /// Made by Session::executor().
  explicit Executor(std::shared_ptr<executor::Engine> engine);
  /// Takes the workers over.
  Executor(Executor&&) noexcept = default;
  /// Takes the workers over; shuts down what was there before, as the destructor does.
  Executor& operator=(Executor&& other) noexcept;
  ~Executor();

  /// Submits F(arguments…); its index is the order of submits. Does not wait for the task, but runs it here
  /// and now if the executor is serial, and waits for room, running tasks meanwhile, while as much input
  /// waits to be dealt as ExecutorOptions allow (in a callback it does not). Throws acre::Error if the
  /// function wants a preload or per-worker object that this executor does not have.
  template <auto F, class... A>
  auto submit(A&&... arguments) {
    return submit_with<F>(TaskOptions{}, arguments...);
  }
  /// The same for a function object: a captureless lambda, or a struct with operator() const and ACRE_RECORD,
  /// which travels with the arguments.
  template <class F, class... A>
  requires std::is_class_v<F>
  auto submit(const F& function, A&&... arguments) {
    return submit_with(TaskOptions{}, function, arguments...);
  }

  /// submit() on terms of its own. Throws acre::Error on terms that cannot be.
  template <auto F, class... A>
  auto submit_with(const TaskOptions& options, A&&... arguments) {
    return *start<F>(options, executor::WhenFull::wait, arguments...);
  }
  /// The same for a function object, as submit() takes it.
  template <class F, class... A>
  requires std::is_class_v<F>
  auto submit_with(const TaskOptions& options, const F& function, A&&... arguments) {
    return *start_object(options, executor::WhenFull::wait, function, arguments...);
  }

  /// submit() that never waits: nothing, instead of a future, where submit() would wait for room.
  template <auto F, class... A>
  auto try_submit(A&&... arguments) {
    return start<F>(TaskOptions{}, executor::WhenFull::refuse, arguments...);
  }
  /// The same for a function object, as submit() takes it.
  template <class F, class... A>
  requires std::is_class_v<F>
  auto try_submit(const F& function, A&&... arguments) {
    return start_object(TaskOptions{}, executor::WhenFull::refuse, function, arguments...);
  }

  /// F over a range, lazily: results in order. Owns ranges passed as rvalues; reads the range on the
  /// iterating thread alone, a window ahead, so it may be infinite. Does not block, iterating does. A
  /// temporary executor cannot be mapped over. Throws acre::Error as submit() does, and on options that
  /// cannot be.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map(R&& items, const MapOptions& options = {}) & {
    return start_map<F, executor::Whole, ResultOf<F>>(std::forward<R>(items), options, true);
  }
  /// F over several ranges side by side, until the shortest ends: starmap<F>(zip(ranges…)), which takes
  /// options too.
  template <auto F, std::ranges::input_range R, std::ranges::input_range... More>
  requires(sizeof...(More) > 0) auto map(R&& first, More&&... more) & {
    return starmap<F>(zip(std::forward<R>(first), std::forward<More>(more)...));
  }
  /// As map(), with results as they come.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map_unordered(R&& items, const MapOptions& options = {}) & {
    return start_map<F, executor::Whole, ResultOf<F>>(std::forward<R>(items), options, false);
  }
  /// As map(), but yields the failures of tasks instead of throwing them: a range of acre::Outcome.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map_outcomes(R&& items, const MapOptions& options = {}) & {
    return start_map<F, executor::Whole, Outcome<ResultOf<F>>>(std::forward<R>(items), options, true);
  }
  /// As map(), over a range of tuples or pairs, whose elements are the arguments of F.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Spread, F>>
  auto starmap(R&& items, const MapOptions& options = {}) & {
    return start_map<F, executor::Spread, ResultOf<F>>(std::forward<R>(items), options, true);
  }
  /// As starmap(), with results as they come.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Spread, F>>
  auto starmap_unordered(R&& items, const MapOptions& options = {}) & {
    return start_map<F, executor::Spread, ResultOf<F>>(std::forward<R>(items), options, false);
  }

  /// Combine(init, F(x0), F(x1), …), two at a time: tasks fold blocks of items, and the blocks' results are
  /// combined in order on a tree that depends on their number alone, so the result is the same to the last
  /// bit however many workers there are. What is injected into F is its block's: one random stream for a
  /// block. Blocks; throws what the first block that failed did.
  template <auto F, auto Combine, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  ResultOf<F> reduce(R&& items, ResultOf<F> init, const ReduceOptions& options = {}) {
    executor::check_reduction<F, Combine, std::ranges::range_reference_t<R>>();
    using Fold = executor::FoldOf<F, Combine>;
    if (options.block == 0) throw Error("a block of a reduction has at least one item");
    executor::Blocks<typename Fold::Item, R> blocks(std::forward<R>(items), options.block);
    executor::Tree<Combine, ResultOf<F>> tree;
    for (auto& value : map<&Fold::block>(blocks, options.map)) tree.add(std::move(value));
    return tree.total(std::move(init));
  }

  /// A temporary executor cannot be mapped over: a compile error that says so.
  template <auto F, class R, class... A>
  Results<int> map(R&&, A&&...) && {
    return refuse_temporary<R>();
  }
  /// A temporary executor cannot be mapped over.
  template <auto F, class R, class... A>
  Results<int> map_unordered(R&&, A&&...) && {
    return refuse_temporary<R>();
  }
  /// A temporary executor cannot be mapped over.
  template <auto F, class R, class... A>
  Results<int> map_outcomes(R&&, A&&...) && {
    return refuse_temporary<R>();
  }
  /// A temporary executor cannot be mapped over.
  template <auto F, class R, class... A>
  Results<int> starmap(R&&, A&&...) && {
    return refuse_temporary<R>();
  }
  /// A temporary executor cannot be mapped over.
  template <auto F, class R, class... A>
  Results<int> starmap_unordered(R&&, A&&...) && {
    return refuse_temporary<R>();
  }

  /// Waits for all tasks, and stops the workers. With `cancel_pending` tasks that have not started are
  /// cancelled (those at other nodes may fail instead, as the executor does) and those that run are ended.
  /// Blocks; idempotent; throws WouldDeadlock in a callback.
  void shutdown(bool cancel_pending = false);
  /// Waits until all workers are ready, which otherwise happens while tasks are submitted; false if the time
  /// is over first. Blocks; throws ExecutorBroken if they cannot start, and WouldDeadlock in a callback.
  bool bootup(std::optional<Duration> timeout = {}) {
    return engine_->await_workers(executor::deadline_after(timeout));
  }
  /// The numbers of this moment. Does not block.
  Statistics statistics() const { return engine_->statistics(); }
  /// A value for the tasks of this executor, encoded now and sent to each node once: see Broadcast. Blocks
  /// while it is encoded; throws acre::Error if the system refuses memory.
  template <class T>
  Broadcast<T> broadcast(const T& value) {
    static_assert(!task::holds_broadcast<T>(), "acre: a broadcast cannot hold another one.");
    return Broadcast<T>(engine_->share(wire::to_bytes(value), wire::view_offset<T>()));
  }

  /// So many workers on each node from now on, 1 to 4096. New ones take tasks as soon as they are ready; what
  /// is too many leaves between two tasks, and tasks that were dealt to it are dealt again. Returns at once:
  /// for milliseconds it may look at the machine. Throws acre::Error for a serial executor, one that has been
  /// shut down, and a number that cannot be.
  void resize(int workers) { engine_->resize(workers); }
  /// Workers: this node's as asked for, other nodes' as they have joined, and surplus ones that are still to
  /// leave. Does not block.
  std::uint32_t workers() const { return engine_->workers(); }

  /// What drives its tasks: for the parts of acre above it.
  const std::shared_ptr<executor::Engine>& engine() const noexcept { return engine_; }

 private:
  template <class R>
  static Results<int> refuse_temporary() {
    static_assert(!sizeof(R*),
                  "acre: a temporary executor cannot be mapped over, as it ends before its results are read: "
                  "give it a name.");
    return Results<int>(nullptr);
  }

  template <class F>
  using MaybeFuture = std::optional<Future<task::ResultOf<F>>>;

  template <auto F, class... A>
  auto start(const TaskOptions& options, executor::WhenFull when_full, const A&... arguments) {
    using Function = std::decay_t<decltype(F)>;
    task::check_task<Function, const A&...>();
    return start_as<Function>(task::task_function<F>(), options, when_full, arguments...);
  }

  template <class F, class... A>
  auto start_object(const TaskOptions& options, executor::WhenFull when_full, const F& function,
                    const A&... arguments) {
    if constexpr (task::stateless<F>) {
      task::check_task<F, const A&...>();
      return start_as<F>(task::task_function<F>(), options, when_full, arguments...);
    } else {
      constexpr bool is_value = wire::encodable<F> || wire::record<F>;
      static_assert(
          is_value,
          "acre: a capturing lambda cannot leave this process: pass the captured values as arguments, or "
          "use a struct with operator() and ACRE_RECORD.");
      task::check_task<F, const A&...>();
      if constexpr (is_value && task::plain_function<F>)
        return start<&F::operator()>(options, when_full, function, arguments...);
      else
        return std::optional<Future<int>>();
    }
  }

  // Not inline: g++ 12 takes what an empty optional could hold for read, and warns in users' code.
  template <class F, class... A>
  [[gnu::noinline]] MaybeFuture<F> start_as(const task::TaskFunction& function, const TaskOptions& options,
                                            executor::WhenFull when_full, const A&... arguments) {
    node::TaskRequest request = request_of(function, options);
    task::Keeping keeping(engine_.get());
    wire::Writer writer(request.arguments, engine_->argument_memory());
    task::encode_arguments(writer, typename task::Signature<F>::Passed{}, arguments...);
    request.keeps = std::move(keeping.kept());
    auto state = launch(request, when_full, &executor::TaskRowOf<task::ResultOf<F>>::make_short);
    if (!state) return {};
    return Future<task::ResultOf<F>>(std::move(state));
  }

  template <auto F, class Take, class Yield, class R>
  Results<Yield> start_map(R&& items, const MapOptions& options, bool ordered) {
    const task::FunctionId function = executor::mapped_function<F, Take, R>(*engine_);
    options.check();
    executor::MapPlan plan{function, stage_key(options.stage), ordered, options, nullptr};
    return Results<Yield>(executor::make_run<F, Take>(engine_, std::forward<R>(items), std::move(plan)));
  }

  node::Terms terms_of(const TaskOptions& options) const;
  node::TaskRequest request_of(const task::TaskFunction& function, const TaskOptions& options) const;
  executor::StateHandle launch(node::TaskRequest& request, executor::WhenFull when_full,
                               executor::Engine::MakeRow make_row);
  std::uint64_t stage_key(const std::string& stage);

  std::shared_ptr<executor::Engine> engine_;
  std::uint64_t submit_key_ = 0;  ///< of the random streams of single tasks
  int exceptions_ = 0;
};

}  // namespace acre

// Pool: Python's multiprocessing.Pool, for those who know it.
#pragma once

#include <atomic>
#include <functional>

#include <acre/executor/map_all.hpp>
#include <acre/session/session.hpp>

namespace acre {

/// What is called on the callback thread with a pool's result, or with its failure, before it is ready.
/// Either may be left out. They must not wait for tasks.
template <class T>
struct PoolCallbacks {
  std::function<void(const T&)> callback = {};                  ///< with the result
  std::function<void(std::exception_ptr)> error_callback = {};  ///< with the failure
};
/// The same where there is no result.
template <>
struct PoolCallbacks<void> {
  std::function<void()> callback = {};                          ///< at the end
  std::function<void(std::exception_ptr)> error_callback = {};  ///< with the failure
};

/// What the asynchronous calls of a pool return: a future, in Python's words. Any thread.
template <class T>
class AsyncResult : public Future<T> {
 public:
  /// Made by Pool.
  explicit AsyncResult(Future<T> future) : Future<T>(std::move(future)) {}

  /// Whether get() would return or throw at once. Does not block.
  bool ready() const noexcept { return this->done(); }
  /// Whether there is a result rather than a failure. Does not block; throws acre::Error if it is not ready.
  bool successful() const {
    if (!ready()) throw Error("successful() was asked too early: wait() until the result is ready");
    return this->exception() == nullptr;
  }
};

/// Workers as Python's multiprocessing.Pool has them, on all nodes; an executor with other words, whose dead
/// workers fail or repeat their task alone. Public methods: any thread, but not inside a task. The destructor
/// terminates it, as Python's context manager does: what should end is waited for before, by get(), or by
/// close() and join().
class Pool {
  template <auto F>
  using Result = task::ResultOf<std::decay_t<decltype(F)>>;
  template <auto F>
  using AllOf =
      std::conditional_t<std::is_void_v<Result<F>>, void, std::vector<executor::ValueOf<Result<F>>>>;

 public:
  /// Starts the workers. Does not wait for them; throws acre::Error on options that cannot be.
  explicit Pool(Session& session, const ExecutorOptions& options = {})
      : executor_(session.executor(options)) {}
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// F(arguments…) in a worker. Blocks; throws what it failed with; acre::Error once the pool is closed.
  template <auto F, class... A>
  auto apply(A&&... arguments) {
    return apply_async<F>(arguments...).get();
  }
  /// The same without waiting.
  template <auto F, class... A>
  auto apply_async(A&&... arguments) {
    refuse_if_closed();
    return AsyncResult(executor_.submit<F>(arguments...));
  }
  /// The same with callbacks, which have returned when the result is ready.
  template <auto F, class... A>
  auto apply_async_with(const PoolCallbacks<Result<F>>& callbacks, A&&... arguments) {
    return after(apply_async<F>(arguments...), callbacks);
  }

  /// F over a range: all results in order, or nothing if F returns nothing. Blocks until all have ended;
  /// throws the failure of the first item that has failed, and acre::Error once the pool is closed. `chunk`:
  /// items dealt together at most; 0: as is best.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map(R&& items, std::uint32_t chunk = 0) {
    return map_async<F>(std::forward<R>(items), chunk).get();
  }
  /// The same without waiting, but for the range, which is read at once, so it cannot be infinite.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map_async(R&& items, std::uint32_t chunk = 0, const PoolCallbacks<AllOf<F>>& callbacks = {}) {
    return start<F, executor::Whole>(std::forward<R>(items), chunk, callbacks);
  }
  /// As map(), over tuples or pairs of arguments.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Spread, F>>
  auto starmap(R&& items, std::uint32_t chunk = 0) {
    return starmap_async<F>(std::forward<R>(items), chunk).get();
  }
  /// As map_async(), over tuples or pairs of arguments.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Spread, F>>
  auto starmap_async(R&& items, std::uint32_t chunk = 0, const PoolCallbacks<AllOf<F>>& callbacks = {}) {
    return start<F, executor::Spread>(std::forward<R>(items), chunk, callbacks);
  }

  /// Results in order, to be iterated, or asked for by next(timeout); a failure is thrown in its place, and
  /// the next one follows. Reads the range while it is iterated, so it may be infinite. Throws acre::Error
  /// once the pool is closed.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto imap(R&& items, std::uint32_t chunk = 0) {
    refuse_if_closed();
    return executor_.map<F>(std::forward<R>(items), MapOptions{.chunk = chunk});
  }
  /// The same, as they come.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto imap_unordered(R&& items, std::uint32_t chunk = 0) {
    refuse_if_closed();
    return executor_.map_unordered<F>(std::forward<R>(items), MapOptions{.chunk = chunk});
  }

  /// Takes no more calls; what was submitted goes on. Does not block.
  void close() noexcept { closed_ = true; }
  /// Ends the workers at once, whatever they do: what had not ended fails with ExecutorBroken. Blocks
  /// briefly.
  void terminate();
  /// Waits for what was submitted, then for the workers to end. Blocks; throws acre::Error before close() or
  /// terminate(), and WouldDeadlock in a callback.
  void join();

 private:
  template <auto F, class Take, class R>
  auto start(R&& items, std::uint32_t chunk, const PoolCallbacks<AllOf<F>>& callbacks) {
    refuse_if_closed();
    const auto promise = executor::map_all<F, Take, AllOf<F>>(executor_.engine(), std::forward<R>(items),
                                                              MapOptions{.chunk = chunk});
    AsyncResult<AllOf<F>> result{Future<AllOf<F>>(promise.state())};
    return callbacks.callback || callbacks.error_callback ? after(result, callbacks) : result;
  }

  template <class T>
  static AsyncResult<T> after(const AsyncResult<T>& result, const PoolCallbacks<T>& callbacks) {
    const executor::Promise<T> promise(executor::Needs::of(*result.state()));
    result.state()->on_done([source = Future<T>(result), callbacks, promise]() mutable {
      executor::Callbacks::make([&] { tell(source, callbacks); });
      promise.keep([&]() -> T { return std::move(source).get(); });
    });
    return AsyncResult<T>(Future<T>(promise.state()));
  }

  template <class T>
  static void tell(const Future<T>& result, const PoolCallbacks<T>& callbacks) {
    if (const auto error = result.exception()) {
      if (callbacks.error_callback) callbacks.error_callback(error);
    } else if (callbacks.callback) {
      if constexpr (std::is_void_v<T>)
        callbacks.callback();
      else
        callbacks.callback(result.get());
    }
  }

  void refuse_if_closed() const;

  Executor executor_;
  std::atomic<bool> closed_ = false;
};

}  // namespace acre

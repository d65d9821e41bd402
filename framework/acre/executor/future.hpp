// Future: a handle of one task's result.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <acre/executor/future_state.hpp>
#include <acre/wire/codec.hpp>

namespace acre {

/// The time given to a wait was over before the task was.
class TimeoutError : public Error {
 public:
  using Error::Error;
};

template <class T>
class Future;

namespace executor {
/// Decodes a future's value once, for all its copies.
template <class T>
struct Decoded {
  explicit Decoded(std::shared_ptr<FutureState> s) : state(std::move(s)) {}
  const std::shared_ptr<FutureState> state;
  std::mutex mutex;
  std::optional<T> value;

  T& get() {
    const std::lock_guard lock(mutex);
    if (!value) value.emplace(take_value<T>(*state));
    return *value;
  }
};
template <>
struct Decoded<void> {
  explicit Decoded(std::shared_ptr<FutureState> s) : state(std::move(s)) {}
  const std::shared_ptr<FutureState> state;
  void get() { state->rethrow(); }
};

inline Instant deadline_after(std::optional<Duration> timeout) {
  const Instant begin = now();
  return timeout && *timeout < Instant::never() - begin ? begin + *timeout : Instant::never();
}
}  // namespace executor

/// A copyable handle of one task's result; dropping it neither waits nor cancels. Any thread.
template <class T>
class Future {
 public:
  using value_type = T;
  using Reference = std::conditional_t<std::is_void_v<T>, void, std::add_lvalue_reference_t<const T>>;

  explicit Future(std::shared_ptr<executor::FutureState> state)
      : decoded_(std::make_shared<executor::Decoded<T>>(std::move(state))) {}

  /// Waits for the result. Blocks; throws what the task failed with (Thrown<E>, TaskError, WorkerLost,
  /// TaskCancelled, ExecutorBroken), TimeoutError when the time is over first, and WouldDeadlock in a
  /// callback.
  Reference get(std::optional<Duration> timeout = {}) const& {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to get()");
    return decoded_->get();
  }
  /// The same for a handle that is given up: the result is moved out.
  T get(std::optional<Duration> timeout = {}) && {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to get()");
    if constexpr (std::is_void_v<T>)
      decoded_->get();
    else
      return std::move(decoded_->get());
  }
  /// Waits until the task has ended or the time is over; true if it has ended. Blocks; throws WouldDeadlock.
  bool wait(std::optional<Duration> timeout = {}) const {
    return state()->wait(executor::deadline_after(timeout));
  }
  /// What get() would throw; null if it would return. Blocks like get(); throws TimeoutError.
  std::exception_ptr exception(std::optional<Duration> timeout = {}) const {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to exception()");
    try {
      decoded_->get();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }
  /// Takes the task back if it has not started; true if it is cancelled now. Does not wait for the task.
  bool cancel() { return state()->cancel(); }
  /// Whether the task was cancelled before it started. Does not block.
  bool cancelled() const { return done() && state()->outcome().ending == task::Ending::cancelled; }
  /// Whether the task has ended in any way. Does not block.
  bool done() const noexcept { return state()->done(); }
  /// Calls f(future) on the callback thread once the task has ended, also while nobody waits.
  template <class F>
  void on_done(F f) const {
    state()->on_done([future = *this, f = std::move(f)] { f(future); });
  }
  /// Index of the task.
  std::uint64_t index() const noexcept { return state()->index(); }

  const std::shared_ptr<executor::FutureState>& state() const noexcept { return decoded_->state; }

 private:
  std::shared_ptr<executor::Decoded<T>> decoded_;
};

}  // namespace acre

// Future: a handle of one task's result, or of what is made of results here.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <acre/executor/local_state.hpp>

namespace acre {

/// The time given to a wait was over before the task was.
class TimeoutError : public Error {
 public:
  using Error::Error;
};

namespace executor {
inline Instant deadline_after(std::optional<Duration> timeout) {
  if (!timeout) return Instant::never();
  const Instant begin = now();
  return *timeout < Instant::never() - begin ? begin + *timeout : Instant::never();
}

/// What a continuation G of a future of T returns, as a value.
template <class G, class T>
struct Continued : std::invoke_result<G&, const T&> {};
template <class G>
struct Continued<G, void> : std::invoke_result<G&> {};
}  // namespace executor

/// A copyable handle of one task's result, or of a value that callbacks make of results; dropping it neither
/// waits nor cancels. Any thread.
template <class T>
class Future {
 public:
  /// What the task returns.
  using value_type = T;
  /// What get() returns of a handle that is kept.
  using Reference = std::conditional_t<std::is_void_v<T>, void, std::add_lvalue_reference_t<const T>>;

  /// Of the state of a task that returns a T, or of a T made in this process: made by Executor, or by then()
  /// and its like.
  explicit Future(executor::StateHandle state) noexcept : state_(std::move(state)) {}

  /// Waits for the result. Blocks; throws what the task failed with (Thrown<E>, TaskError, WorkerLost,
  /// TaskCancelled, ExecutorBroken) or what the callback threw that makes the value, TimeoutError when the
  /// time is over first, and WouldDeadlock in a callback.
  Reference get(std::optional<Duration> timeout = {}) const& {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to get()");
    void* const value = state_->get();
    if constexpr (!std::is_void_v<T>) return *static_cast<const T*>(value);
  }
  /// The same for a handle that is given up: the result is moved out.
  T get(std::optional<Duration> timeout = {}) && {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to get()");
    void* const value = state_->get();
    if constexpr (!std::is_void_v<T>) return std::move(*static_cast<T*>(value));
  }
  /// Waits until the task has ended or the time is over; true if it has ended. Blocks; throws WouldDeadlock.
  bool wait(std::optional<Duration> timeout = {}) const {
    return state_->done() || state_->wait(executor::deadline_after(timeout));
  }
  /// What get() would throw; null if it would return. Blocks like get(); throws TimeoutError.
  std::exception_ptr exception(std::optional<Duration> timeout = {}) const {
    if (!wait(timeout)) throw TimeoutError("the task has not ended in the time given to exception()");
    try {
      state_->get();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }
  /// Takes the task back if it has not started; true if it is cancelled now. Does not wait for the task. What
  /// then(), when_all() or when_any() returned is cancelled alone, if its value is not being made yet: it
  /// ends with TaskCancelled, and so does what is made of it; the tasks go on.
  bool cancel() { return state_->cancel(); }
  /// Whether cancel() ended it before it started. Does not block.
  bool cancelled() const { return done() && state_->cancelled(); }
  /// Whether the task has started and not ended, as far as is known here: on another node, whether it is
  /// there. Does not block.
  bool running() const { return state_->running(); }
  /// Whether the task has ended in any way. Does not block.
  bool done() const noexcept { return state_->done(); }
  /// Calls f(future) on the callback thread once the task has ended, also while nobody waits. What f throws
  /// is said in one sentence on stderr.
  template <class F>
  void on_done(F f) const {
    state_->on_done([future = *this, f = std::move(f)] { f(future); });
  }
  /// A future of g(result), which the callback thread calls once the result is there, also while nobody
  /// waits. If there is none, g is not called and the failure is passed on; what g throws is what get()
  /// throws, as it is. The value needs no codec, as it stays here. Does not block; g may submit, but must not
  /// wait.
  template <class G>
  auto then(G g) const -> Future<std::decay_t<typename executor::Continued<G, T>::type>> {
    using Made = std::decay_t<typename executor::Continued<G, T>::type>;
    const executor::Promise<Made> promise(executor::Needs::of(*state_));
    state_->on_done([source = *this, promise, call = std::make_shared<G>(std::move(g))] {
      promise.keep([&]() -> Made {
        if constexpr (std::is_void_v<T>) {
          source.get();
          return (*call)();
        } else {
          return (*call)(source.get());
        }
      });
    });
    return Future<Made>(promise.state());
  }
  /// Index of the task; for what then() returned, that of the task it is made of.
  std::uint64_t index() const noexcept { return state_->index(); }

  /// What its copies share.
  const executor::StateHandle& state() const noexcept { return state_; }

 private:
  executor::StateHandle state_;
};

}  // namespace acre

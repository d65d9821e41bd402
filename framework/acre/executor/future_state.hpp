// What a future and the dealer share: the outcome of one task, once it is there.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <type_traits>
#include <variant>
#include <vector>

#include <acre/executor/engine.hpp>
#include <acre/task/failure.hpp>
#include <acre/wire/codec.hpp>

namespace acre::executor {

class FutureState;

/// Futures that have ended and were not picked up yet, in the order of their ends. Any thread.
class Arrivals {
 public:
  void push(std::shared_ptr<FutureState> state);
  /// The next one, or null.
  std::shared_ptr<FutureState> pop();
  bool empty() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<FutureState>> states_;
};

/// The shared state of a future. Any thread.
class FutureState final : public node::Completion, public std::enable_shared_from_this<FutureState> {
 public:
  FutureState(std::shared_ptr<Engine> engine, std::uint64_t index)
      : engine_(std::move(engine)), index_(index) {}

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;

  bool done() const noexcept { return done_.load(std::memory_order_acquire); }
  /// Drives the engine until the outcome is there or the deadline has passed; returns done().
  bool wait(Instant deadline = Instant::never());
  /// Takes the task back if it has not started; returns whether it is cancelled.
  bool cancel();
  /// The outcome; valid once done().
  const task::Outcome& outcome() const noexcept { return outcome_; }
  /// Throws the failure, if it is one. Valid once done().
  void rethrow() const;
  /// Throws TaskError: the value is there, but cannot be made a `type` again.
  [[noreturn]] void throw_unreadable(const std::type_info& type, const std::string& why) const;
  /// Frees the encoded value, which was decoded. Valid once done(); one thread.
  void drop_value() noexcept { outcome_.value = {}; }
  TaskInfo info() const;
  std::uint64_t index() const noexcept { return index_; }

  /// Calls back on the callback thread once done; at once queued if it is done.
  void on_done(std::function<void()> call);
  /// Pushes this state to `arrivals` once done; at once if it is done.
  void announce_to(const std::shared_ptr<Arrivals>& arrivals);

  const std::shared_ptr<Engine>& engine() const noexcept { return engine_; }
  void set_task(TaskId task) noexcept { task_ = task; }
  TaskId task() const noexcept { return task_; }

 private:
  std::shared_ptr<Engine> engine_;
  std::uint64_t index_;
  TaskId task_{};
  std::atomic<bool> done_ = false;
  task::Outcome outcome_;
  std::mutex mutex_;  ///< guards the two lists against complete()
  std::vector<std::function<void()>> calls_;
  std::vector<std::weak_ptr<Arrivals>> arrivals_;
};

/// What a range yields for a result of type T: something, also for functions that return nothing.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// The value of a task that has ended, decoded; throws what its failure stands for. One thread, once.
template <class T>
ValueOf<T> take_value(FutureState& state) {
  state.rethrow();
  if constexpr (std::is_void_v<T>) return {};
  try {
    ValueOf<T> value = wire::from_bytes<ValueOf<T>>(state.outcome().value);
    state.drop_value();
    return value;
  } catch (const std::exception& error) {
    state.throw_unreadable(typeid(T), error.what());
  }
}

}  // namespace acre::executor

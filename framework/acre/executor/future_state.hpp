// What a future and the dealer share: the outcome of one task, once it is there.
#pragma once

#include <type_traits>
#include <variant>

#include <acre/executor/shared_state.hpp>
#include <acre/task/failure.hpp>
#include <acre/wire/codec.hpp>

namespace acre::executor {

/// The shared state of a task's future. Any thread.
class FutureState final : public node::Completion, public SharedState {
 public:
  using SharedState::SharedState;

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;

  bool wait(Instant deadline = Instant::never()) override;
  bool cancel() override;
  bool cancelled() const override { return done() && outcome_.ending == task::Ending::cancelled; }
  bool running() override;
  bool failed() const noexcept override { return outcome_.ending != task::Ending::value; }
  void rethrow() const override;
  bool is_task() const noexcept override { return true; }
  std::span<const std::shared_ptr<Engine>> engines() const noexcept override { return own_engine(); }
  Drive drive() override;

  /// The outcome; valid once done().
  const task::Outcome& outcome() const noexcept { return outcome_; }
  /// Throws TaskError: the value is there, but cannot be made a `type` again.
  [[noreturn]] void throw_unreadable(const std::type_info& type, const std::string& why) const;
  /// Frees the encoded value, which was decoded. Valid once done(); one thread.
  void drop_value() noexcept { outcome_.value = {}; }
  TaskInfo info() const;

  void set_task(TaskId task) noexcept { task_ = task; }
  TaskId task() const noexcept { return task_; }

 private:
  TaskId task_{};
  task::Outcome outcome_;
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

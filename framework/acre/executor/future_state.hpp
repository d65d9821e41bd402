// What a future and the dealer share: the outcome of one task, once it is there.
#pragma once

#include <acre/executor/shared_state.hpp>
#include <acre/executor/take_value.hpp>
#include <acre/task/failure.hpp>

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
  /// The encoded value, if it is one; valid once done().
  ByteView value() const noexcept { return outcome_.value; }
  /// Frees the encoded value, which was decoded. Valid once done(); one thread.
  void drop_value() noexcept { outcome_.value = {}; }
  TaskInfo info() const;

  /// Which task it is; before anybody else has a handle of it.
  void set_task(TaskId task) noexcept { task_ = task; }
  void set_task(const Engine::Launched& launched) noexcept {
    task_ = launched.task;
    set_index(launched.index);
  }
  TaskId task() const noexcept { return task_; }

 private:
  TaskId task_{};
  task::Outcome outcome_;
};

}  // namespace acre::executor

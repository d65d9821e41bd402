// What a future and the dealer share: the outcome of one task, once it is there.
#pragma once

#include <acre/base/few_bytes.hpp>
#include <acre/executor/shared_state.hpp>
#include <acre/executor/take_value.hpp>
#include <acre/task/failure.hpp>

namespace acre::executor {

/// The shared state of a task's future. Any thread.
class FutureState : public node::Completion, public SharedState {
 public:
  using SharedState::SharedState;

  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override;
  void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                    std::uint32_t count) noexcept override;

  bool wait(Instant deadline = Instant::never()) override;
  bool cancel() override;
  bool cancelled() const override { return done() && ended_as(task::Ending::cancelled); }
  bool running() override;
  bool failed() const noexcept override { return failure_ != nullptr; }
  void rethrow() const override;
  bool is_task() const noexcept override { return true; }
  std::span<const std::shared_ptr<Engine>> engines() const noexcept override { return own_engine(); }
  Drive drive() override;

  /// The encoded value; valid once done(), unless failed().
  ByteView value() const noexcept { return value_.view(); }
  /// All there is to know of the end; valid once done().
  task::Outcome outcome() const;
  /// Throws TaskError: the value is there, but cannot be made a `type` again.
  [[noreturn]] void throw_unreadable(const std::type_info& type, const std::string& why) const;
  /// Frees the encoded value, which was decoded. Valid once done(); one thread.
  void drop_value() noexcept { value_.clear(); }
  TaskInfo info() const;

  /// Which task it is; before anybody else has a handle of it.
  void set_task(TaskId task) noexcept { task_ = task; }
  void set_task(const Engine::Launched& launched) noexcept {
    task_ = launched.task;
    place_ = launched.place;
    set_index(launched.index);
  }

 private:
  bool ended_as(task::Ending ending) const noexcept { return failed() && failure_->ending == ending; }

  node::AwaitedTask where() const noexcept { return {task_, place_}; }

  TaskId task_{};  ///< the range, mostly of this task alone, and its place there
  std::uint32_t place_ = 0;
  FewBytes value_;
  task::Execution execution_;                     ///< of the attempt that returned the value
  std::unique_ptr<const task::Outcome> failure_;  ///< if none did
};

}  // namespace acre::executor

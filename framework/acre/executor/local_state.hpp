// A value that is made in this process, by a callback, of what futures yield; and the promise to make it.
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <acre/executor/shared_state.hpp>

namespace acre::executor {

/// What a value made here waits for.
struct Needs {
  std::vector<std::shared_ptr<Engine>> engines = {};  ///< that its futures come from; the first makes it
  Drive drive = {};  ///< waits until a callback can make it, if all happens inside one engine
  std::uint64_t index = 0;

  /// Of a value made of this state's.
  static Needs of(SharedState& state);
};

/// The shared state of a value that is made here. Any thread.
class LocalState : public SharedState {
 public:
  explicit LocalState(Needs needs) : needs_(std::move(needs)) {}

  bool wait(Instant deadline = Instant::never()) override;
  bool cancel() override;
  bool cancelled() const override { return phase_ == Phase::cancelled; }
  bool running() override { return phase_ == Phase::running; }
  void rethrow() const override;
  bool is_task() const noexcept override { return false; }
  std::uint64_t index() const noexcept override { return needs_.index; }
  std::span<const std::shared_ptr<Engine>> engines() const noexcept override { return needs_.engines; }
  Drive drive() override { return needs_.drive; }

  /// To be called before the value is made; false if it was cancelled. Once.
  bool begin() noexcept;
  /// It is made, or could not be. Once, after begin().
  void finish(std::exception_ptr error) noexcept;

 protected:
  void drop() noexcept override { delete this; }

 private:
  enum class Phase { waiting, running, ended, cancelled };
  const Needs needs_;
  std::atomic<Phase> phase_ = Phase::waiting;
  std::exception_ptr error_;
};

/// That of a T, and where it is.
template <class T>
struct LocalValue final : LocalState {
  using LocalState::LocalState;
  void* get() override {
    rethrow();
    if constexpr (std::is_void_v<T>)
      return nullptr;
    else
      return &*value;
  }
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value = {};
};

/// The obligation to make a value that a future stands for. Copies are the same one. Any thread.
template <class T>
class Promise {
 public:
  explicit Promise(Needs needs) : made_(Handle<LocalValue<T>>::first(new LocalValue<T>(std::move(needs)))) {}

  /// What a future is made of.
  StateHandle state() const noexcept { return StateHandle(made_.get()); }
  /// Makes the value by calling make(), unless it was cancelled; what that throws becomes the failure. Once.
  template <class Make>
  void keep(Make&& make) const noexcept {
    if (!made_->begin()) return;
    std::exception_ptr error;
    try {
      if constexpr (std::is_void_v<T>)
        make();
      else
        made_->value.emplace(make());
    } catch (...) {
      error = std::current_exception();
    }
    made_->finish(std::move(error));
  }

 private:
  Handle<LocalValue<T>> made_;
};

}  // namespace acre::executor

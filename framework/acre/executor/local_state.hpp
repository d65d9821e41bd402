// A value that is made in this process, by a callback, of what futures yield; and the promise to make it.
#pragma once

#include <exception>
#include <optional>
#include <utility>

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
class LocalState final : public SharedState {
 public:
  explicit LocalState(Needs needs)
      : SharedState(needs.engines.empty() ? nullptr : needs.engines.front(), needs.index),
        needs_(std::move(needs)) {}

  bool wait(Instant deadline = Instant::never()) override;
  bool cancel() override;
  bool cancelled() const override { return phase_ == Phase::cancelled; }
  bool running() override { return phase_ == Phase::running; }
  bool failed() const noexcept override { return error_ != nullptr; }
  void rethrow() const override;
  bool is_task() const noexcept override { return false; }
  std::span<const std::shared_ptr<Engine>> engines() const noexcept override { return needs_.engines; }
  Drive drive() override { return needs_.drive; }

  /// To be called before the value is made; false if it was cancelled. Once.
  bool begin() noexcept;
  /// It is made, or could not be. Once, after begin().
  void finish(std::exception_ptr error) noexcept;

 private:
  enum class Phase { waiting, running, ended, cancelled };
  const Needs needs_;
  std::atomic<Phase> phase_ = Phase::waiting;
  std::exception_ptr error_;
};

/// Where the value of a future is for all its copies. Any thread.
template <class T>
struct Cell {
  /// `read` makes the value when it is first asked for; null if it is made elsewhere.
  explicit Cell(std::shared_ptr<SharedState> s, T (*r)(SharedState&) = nullptr)
      : state(std::move(s)), read(r) {}
  const std::shared_ptr<SharedState> state;
  T (*const read)(SharedState&);
  std::mutex mutex;
  std::optional<T> value;

  /// Valid once the state is done; throws what it failed with.
  T& get() {
    state->rethrow();
    const std::lock_guard lock(mutex);
    if (!value) value.emplace(read(*state));
    return *value;
  }
};
template <>
struct Cell<void> {
  explicit Cell(std::shared_ptr<SharedState> s) : state(std::move(s)) {}
  const std::shared_ptr<SharedState> state;
  void get() const { state->rethrow(); }
};

/// The obligation to make a value that a future stands for. Copies are the same one. Any thread.
template <class T>
class Promise {
 public:
  explicit Promise(Needs needs)
      : state_(std::make_shared<LocalState>(std::move(needs))), cell_(std::make_shared<Cell<T>>(state_)) {}

  /// What a future is made of.
  const std::shared_ptr<Cell<T>>& cell() const noexcept { return cell_; }
  /// Makes the value by calling make(), unless it was cancelled; what that throws becomes the failure. Once.
  template <class Make>
  void keep(Make&& make) const noexcept {
    if (!state_->begin()) return;
    std::exception_ptr error;
    try {
      if constexpr (std::is_void_v<T>)
        make();
      else
        cell_->value.emplace(make());
    } catch (...) {
      error = std::current_exception();
    }
    state_->finish(std::move(error));
  }

 private:
  std::shared_ptr<LocalState> state_;
  std::shared_ptr<Cell<T>> cell_;
};

}  // namespace acre::executor

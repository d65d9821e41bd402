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
class LocalState : public SharedState {
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
  /// Makes the value when it is first asked for; null if it is made elsewhere.
  using Read = T (*)(SharedState&);
  Cell(SharedState& s, Read r) : state(s), read(r) {}
  SharedState& state;
  const Read read;
  std::mutex mutex;
  std::optional<T> value;

  /// Valid once the state is done; throws what it failed with.
  T& get() {
    state.rethrow();
    const std::lock_guard lock(mutex);
    if (!value) value.emplace(read(state));
    return *value;
  }
};
template <>
struct Cell<void> {
  using Read = std::nullptr_t;
  Cell(SharedState& s, Read) : state(s) {}
  SharedState& state;
  void get() const { state.rethrow(); }
};

/// All that copies of a future share, in one piece.
template <class T, class State>
struct Body final : State, Cell<T> {
  template <class... A>
  explicit Body(typename Cell<T>::Read how, A&&... arguments)
      : State(std::forward<A>(arguments)...), Cell<T>(static_cast<SharedState&>(*this), how) {}
};

/// The obligation to make a value that a future stands for. Copies are the same one. Any thread.
template <class T>
class Promise {
 public:
  explicit Promise(Needs needs) : made_(std::make_shared<Body<T, LocalState>>(nullptr, std::move(needs))) {}

  /// What a future is made of.
  std::shared_ptr<Cell<T>> cell() const noexcept { return made_; }
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
  std::shared_ptr<Body<T, LocalState>> made_;
};

}  // namespace acre::executor

// What all futures share, whatever they stand for: whether they have ended, and who is told.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/executor/engine.hpp>

namespace acre::executor {

class SharedState;

/// Futures that have ended and were not picked up yet, in the order of their ends. Any thread.
class Arrivals {
 public:
  void push(std::shared_ptr<SharedState> state);
  /// The next one, or null.
  std::shared_ptr<SharedState> pop();
  bool empty() const;
  /// Waits for one, while others see to it that it comes; false if the deadline has passed first. Blocks.
  bool wait(Instant deadline);

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::shared_ptr<SharedState>> states_;
};

/// Waits, driving an engine, for all of something that happens inside it, or until `done` holds; false if the
/// deadline has passed first. Blocks; throws WouldDeadlock.
using Drive = std::function<bool(const std::function<bool()>& done, Instant deadline)>;

/// The state that copies of a future share. Any thread.
class SharedState : public std::enable_shared_from_this<SharedState> {
 public:
  explicit SharedState(std::shared_ptr<Engine> engine, std::uint64_t index = 0)
      : engine_(std::move(engine)), index_(index) {}
  virtual ~SharedState() = default;
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  bool done() const noexcept { return stage_.load(std::memory_order_acquire) == Stage::done; }
  /// Waits for the end or the deadline, driving what it needs; returns done(). Blocks; throws WouldDeadlock.
  virtual bool wait(Instant deadline = Instant::never()) = 0;
  /// Ends it as cancelled, if it has not begun; returns whether it is.
  virtual bool cancel() = 0;
  virtual bool cancelled() const = 0;
  /// Whether it has begun and not ended, as far as is known.
  virtual bool running() = 0;
  /// Whether it ended without a value. Valid once done().
  virtual bool failed() const noexcept = 0;
  /// Throws the failure, if it is one. Valid once done().
  virtual void rethrow() const = 0;

  /// Whether a task stands behind it, rather than a callback.
  virtual bool is_task() const noexcept = 0;
  /// The engines that must be driven for it to end.
  virtual std::span<const std::shared_ptr<Engine>> engines() const noexcept = 0;
  /// Waits for all that must happen inside one engine before it can end; empty if there are several.
  virtual Drive drive() = 0;

  /// Makes the call as it ends, now if it has: on the thread that ends it, which may hold an engine's lock,
  /// so the call must be quick and must not use an engine.
  void on_end(std::function<void()> call);
  /// Makes the call on a callback thread once it has ended.
  void on_done(std::function<void()> call);
  /// Pushes this state to `arrivals` once done; at once if it is done.
  void announce_to(const std::shared_ptr<Arrivals>& arrivals);
  /// Makes the call soon, on the callback thread that belongs to this state; now if there is none (any more).
  void post(std::function<void()> call) const;

  /// The one whose callback thread makes its calls; null if it has ended without any.
  const std::shared_ptr<Engine>& engine() const noexcept { return engine_; }
  std::uint64_t index() const noexcept { return index_; }

 protected:
  void set_index(std::uint64_t index) noexcept { index_ = index; }
  /// It has ended, and what it ended with can be read. Once.
  void end() noexcept;
  /// To return as engines().
  std::span<const std::shared_ptr<Engine>> own_engine() const noexcept { return {&engine_, 1}; }

 private:
  enum class Stage : std::uint8_t {
    unheard,
    heard,
    done
  };  ///< nobody is to be told; somebody is; it has ended
  /// Whom to tell of the end.
  struct Listeners {
    std::vector<std::function<void()>> calls;
    std::vector<std::weak_ptr<Arrivals>> arrivals;
  };
  template <class Add>
  bool listen(Add add);

  const std::shared_ptr<Engine> engine_;
  std::uint64_t index_;
  std::atomic<Stage> stage_ = Stage::unheard;
  std::unique_ptr<Listeners> listeners_;  ///< made for the first of them
};

}  // namespace acre::executor

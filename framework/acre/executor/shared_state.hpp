// What all futures share, whatever they stand for: whether they have ended, and who is told.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include <acre/base/time.hpp>
#include <acre/executor/engine.hpp>
#include <acre/executor/handle.hpp>

namespace acre::executor {

/// Futures that have ended and were not picked up yet, in the order of their ends. Any thread.
class Arrivals {
 public:
  void push(StateHandle state);
  /// The next one, or null.
  StateHandle pop();
  bool empty() const;
  /// Waits for one, while others see to it that it comes; false if the deadline has passed first. Blocks.
  bool wait(Instant deadline);

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<StateHandle> states_;
};

/// Waits, driving an engine, for all of something that happens inside it, or until `done` holds; false if the
/// deadline has passed first. Blocks; throws WouldDeadlock.
using Drive = std::function<bool(const std::function<bool()>& done, Instant deadline)>;

/// The state that copies of a future share, kept by handles; whoever makes it has the first one. Any thread.
class SharedState {
 public:
  SharedState() = default;
  virtual ~SharedState() = default;
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  /// For its handles.
  void keep() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    const bool last = handles_.load(std::memory_order_acquire) == 1;  // so nobody else can copy it
    if (last || handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) drop();
  }

  bool done() const noexcept { return stage_.load(std::memory_order_acquire) >= Stage::encoded; }
  /// Whether it ended without a value. Valid once done().
  bool failed() const noexcept { return stage_.load(std::memory_order_acquire) == Stage::failed; }
  /// Waits for the end or the deadline, driving what it needs; returns done(). Blocks; throws WouldDeadlock.
  virtual bool wait(Instant deadline = Instant::never()) = 0;
  /// Where its value is, of the type of its futures, for as long as they keep it; null if that is void.
  /// Valid once done(); throws the failure, and TaskError if the value cannot be made.
  virtual void* get() = 0;
  /// Ends it as cancelled, if it has not begun; returns whether it is.
  virtual bool cancel() = 0;
  virtual bool cancelled() const = 0;
  /// Whether it has begun and not ended, as far as is known.
  virtual bool running() = 0;
  /// Throws the failure, if it is one. Valid once done().
  virtual void rethrow() const = 0;

  /// Whether a task stands behind it, rather than a callback.
  virtual bool is_task() const noexcept = 0;
  /// Of the task, or of the one that it is made of.
  virtual std::uint64_t index() const noexcept = 0;
  /// The engines that must be driven for it to end. The first one's callback thread makes its calls; none if
  /// it has ended without any.
  virtual std::span<const std::shared_ptr<Engine>> engines() const noexcept = 0;
  /// Waits for all that must happen inside one engine before it can end; empty if there are several.
  virtual Drive drive() = 0;

  /// Makes the call as it ends, now if it has: on the thread that ends it, which may hold an engine's lock,
  /// so the call must be quick and must not use an engine. The state is kept until then.
  void on_end(std::function<void()> call);
  /// Makes the call on a callback thread once it has ended.
  void on_done(std::function<void()> call);
  /// Pushes this state to `arrivals` once done; at once if it is done.
  void announce_to(const std::shared_ptr<Arrivals>& arrivals);
  /// Makes the call soon, on the callback thread that belongs to this state; now if there is none (any more).
  void post(std::function<void()> call) const;

 protected:
  /// From pending to ended.
  enum class Stage : std::uint8_t {
    unheard,   ///< nobody is to be told of the end
    heard,     ///< somebody is
    dropped,   ///< nobody has a handle any more
    encoded,   ///< from here on it has ended: with a value that was not asked for yet
    decoding,  ///< a thread makes the value
    awaited,   ///< and others wait for it
    made,      ///< the value is there
    failed
  };
  /// The last handle has gone.
  virtual void drop() noexcept = 0;
  /// It has ended so, and what it ended with can be read; false if nobody wants it any more. Once.
  bool end(Stage how) noexcept;

  std::atomic<std::uint32_t> handles_ = 1;
  std::atomic<Stage> stage_ = Stage::unheard;

 private:
  template <class Add>
  bool listen(Add add);
};

}  // namespace acre::executor

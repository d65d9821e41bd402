// Waking a sleeper: a futex for a process with one source of work, an eventfd for one with many.
#pragma once

#include <atomic>
#include <cstdint>

#include <acre/base/time.hpp>
#include <acre/channel/descriptor.hpp>

namespace acre::channel {

/// The eventcount protocol on shared memory: a sleeper announces itself, looks once more, then sleeps; a
/// ringer publishes first and makes a system call only for an announced sleeper. All zero is the initial
/// state.
struct Doorbell {
  std::atomic<std::uint32_t> count;
  std::atomic<std::uint32_t> sleepers;

  /// Wakes the sleeper, if there is one. Any thread of any process that maps it; does not block.
  void ring() noexcept;
  /// The same with a system call in any case: `sleepers` is not to be trusted.
  void wake() noexcept;

  /// Sleeps until `ready()` is true; ready() is tried before each sleep. One sleeper at a time.
  template <class Ready>
  void wait_until(Ready ready) noexcept(noexcept(ready())) {
    while (!ready()) sleep_unless(ready, nullptr);
  }
  /// The same for so long at most; false if it was not true then.
  template <class Ready>
  bool wait_until(Ready ready, Duration limit) noexcept(noexcept(ready())) {
    const Instant end = now() + limit;
    while (!ready()) {
      const Duration left = end - now();
      if (left <= Duration::zero()) return false;
      sleep_unless(ready, &left);
    }
    return true;
  }

 private:
  template <class Ready>
  void sleep_unless(Ready ready, const Duration* limit) noexcept(noexcept(ready())) {
    const std::uint32_t seen = count.load(std::memory_order_acquire);
    sleepers.store(1, std::memory_order_seq_cst);
    if (!ready()) sleep(seen, limit);
    sleepers.store(0, std::memory_order_relaxed);
  }
  void sleep(std::uint32_t seen, const Duration* limit) noexcept;
};

/// A doorbell that can be polled beside sockets: an eventfd, non-blocking and close-on-exec.
class EventBell {
 public:
  EventBell();
  explicit EventBell(Descriptor fd) noexcept : fd_(std::move(fd)) {}

  int fd() const noexcept { return fd_.get(); }
  /// Makes the next poll() on fd() return at once; false if the descriptor is gone. Any thread, any process;
  /// does not block.
  bool ring() noexcept;
  /// Silences it again.
  void clear() noexcept;

 private:
  Descriptor fd_;
};

}  // namespace acre::channel

// Tells when attempts begin and end, one after the other, and costs little where they take no time.
#pragma once

#include <cstdint>
#include <utility>

#include <acre/base/time.hpp>

namespace acre::node {

/// Of short laps the processor's counter tells how long they were, as reading the clock would cost more than
/// they do: it waits for all instructions before it. How fast the counter runs is learned from the clock, and
/// of longer laps, or should the counter jump, the clock itself is asked. Integers only: between tasks
/// nothing may touch the floating-point environment. One thread.
class Stopwatch {
 public:
  Stopwatch() { restart(); }
  /// The next lap begins now.
  void restart() noexcept;
  /// When that began, by the wall clock.
  std::int64_t wall_ns() const noexcept { return last_.ns + to_wall_ns_; }
  /// It has ended, and the next one begins: nanoseconds it took.
  std::int64_t lap_ns() noexcept {
    const std::uint64_t ticks = read_ticks(), passed = ticks - last_.ticks;
    if (passed >= most_ticks_) return lap_by_clock_ns();
    rest_ += passed * rate_;
    const auto lap = static_cast<std::int64_t>(rest_ >> rate_bits);
    rest_ %= std::uint64_t{1} << rate_bits;
    last_ = {last_.ns + lap, ticks};
    return lap;
  }

 private:
  struct Reading {
    std::int64_t ns = 0;  ///< monotonic clock
    std::uint64_t ticks = 0;
  };
  static constexpr int rate_bits = 20;
  static std::uint64_t read_ticks() noexcept {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
  }
  static Reading read() noexcept;
  std::int64_t lap_by_clock_ns() noexcept;
  void learn() noexcept;

  Reading last_, compared_;
  std::int64_t to_wall_ns_ = 0;
  std::uint64_t rate_ = 0;        ///< nanoseconds per tick, times 2^rate_bits
  std::uint64_t rest_ = 0;        ///< what short laps leave of a nanosecond, times the same
  std::uint64_t most_ticks_ = 0;  ///< from so many on the clock is asked; 0 until the rate is known
};

}  // namespace acre::node

#include <acre/node/stopwatch.hpp>

namespace acre::node {

// The counter first: should the thread be stopped in between, the next lap is a long one by the counter, so
// that the clock is asked.
Stopwatch::Reading Stopwatch::read() noexcept {
  const std::uint64_t ticks = read_ticks();
  return {now().ns, ticks};
}

void Stopwatch::restart() noexcept {
  last_ = read();
  to_wall_ns_ = wall_clock_ns() - last_.ns;
  learn();
}

std::int64_t Stopwatch::lap_by_clock_ns() noexcept {
  const Reading before = std::exchange(last_, read());
  learn();
  return last_.ns - before.ns;
}

// The two are compared over milliseconds, so that what lies between reading one and the other does not count,
// if that was little, and again every second, as a virtual machine may move to another processor.
void Stopwatch::learn() noexcept {
  constexpr std::uint64_t little_ticks = 10'000;
  if (read_ticks() - last_.ticks > little_ticks) return;
  constexpr std::int64_t enough_ns = 1'000'000, often_ns = 1'000'000'000, most_ns = 10 * often_ns;
  constexpr std::uint64_t short_lap_ns = 10'000;
  const std::int64_t ns = last_.ns - compared_.ns;
  const std::uint64_t ticks = last_.ticks - compared_.ticks;
  if (compared_.ticks != 0 && ns >= enough_ns && ns < most_ns) {
    rate_ = ticks == 0 ? 0 : (static_cast<std::uint64_t>(ns) << rate_bits) / ticks;
    most_ticks_ = rate_ == 0 ? 0 : (short_lap_ns << rate_bits) / rate_;
  }
  if (compared_.ticks == 0 || ns >= often_ns) compared_ = last_;
}

}  // namespace acre::node

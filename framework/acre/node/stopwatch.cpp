#include <acre/node/stopwatch.hpp>

namespace acre::node {

void Stopwatch::restart() noexcept {
  last_ = {now().ns, read_ticks()};
  to_wall_ns_ = wall_clock_ns() - last_.ns;
  learn();
}

std::int64_t Stopwatch::lap_by_clock_ns() noexcept {
  const Reading before = std::exchange(last_, {now().ns, read_ticks()});
  learn();
  return last_.ns - before.ns;
}

// The two are compared over milliseconds, so that what lies between reading one and the other does not count,
// and again every second, as a virtual machine may move to another processor.
void Stopwatch::learn() noexcept {
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

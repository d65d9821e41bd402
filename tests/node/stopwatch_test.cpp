// Laps short and long, by whatever they are measured, are those of the clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstdlib>
#include <thread>

#include <acre/node/stopwatch.hpp>

namespace acre::test {
namespace {
using node::Stopwatch;

struct Laps {
  std::int64_t count = 0, sum_ns = 0, negative = 0;
};

Laps laps_for(Stopwatch& watch, Duration time) {
  Laps laps;
  const Instant until = now() + time;
  // One more at the end, for the time that the thread was stopped in before it saw that it was over.
  for (bool over = false; !over; ++laps.count) {
    over = now() >= until;
    const std::int64_t lap = watch.lap_ns();
    laps.sum_ns += lap;
    laps.negative += lap < 0 ? 1 : 0;
  }
  return laps;
}

// By how much of it the laps of some time add up to another one. The thread may be stopped before the first
// lap or after the last: so the best of a few tries.
double best_error(Stopwatch& watch, Duration time) {
  double best = 1;
  for (int i = 0; i < 5 && best > 0.01; ++i) {
    const Instant begin = now();
    watch.restart();
    const Laps laps = laps_for(watch, time);
    const auto passed = static_cast<double>((now() - begin).count());
    EXPECT_GT(laps.count, 1000);
    EXPECT_EQ(laps.negative, 0);
    best = std::min(best, std::abs(static_cast<double>(laps.sum_ns) - passed) / passed);
  }
  return best;
}

// Long enough to learn how fast the counter runs, and to compare it anew.
TEST(Stopwatch, short_laps_add_up_to_the_time_of_the_clock) {
  Stopwatch watch;
  laps_for(watch, std::chrono::milliseconds(5));
  EXPECT_LT(best_error(watch, std::chrono::milliseconds(20)), 0.01);
  EXPECT_LT(best_error(watch, std::chrono::milliseconds(1100)), 0.01);
  EXPECT_LT(best_error(watch, std::chrono::milliseconds(20)), 0.01);
}

TEST(Stopwatch, a_long_lap_is_as_long_as_the_clock_says) {
  Stopwatch watch;
  laps_for(watch, std::chrono::milliseconds(5));
  const Instant begin = now();
  watch.restart();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const std::int64_t lap = watch.lap_ns();
  EXPECT_LE(lap, (now() - begin).count());
  EXPECT_GE(lap, 30'000'000);
}

TEST(Stopwatch, laps_follow_each_other_on_the_wall_clock) {
  Stopwatch watch;
  laps_for(watch, std::chrono::milliseconds(5));
  watch.restart();
  const std::int64_t begin = watch.wall_ns();
  EXPECT_LT(std::abs(begin - wall_clock_ns()), 1'000'000'000);
  std::int64_t sum = 0;
  for (int i = 0; i < 1000; ++i) {
    sum += watch.lap_ns();
    EXPECT_EQ(watch.wall_ns(), begin + sum);
  }
}

TEST(Stopwatch, leaves_the_floating_point_environment_alone) {
  std::feclearexcept(FE_ALL_EXCEPT);
  Stopwatch watch;
  laps_for(watch, std::chrono::milliseconds(5));
  EXPECT_EQ(std::fetestexcept(FE_ALL_EXCEPT), 0);
}

}  // namespace
}  // namespace acre::test

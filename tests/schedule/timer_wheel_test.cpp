// Timers, against a map of when each is due.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include <acre/schedule/timer_wheel.hpp>

namespace acre::schedule {
namespace {

constexpr std::int64_t tick = std::int64_t{1} << 20;
constexpr Instant ticks(std::int64_t so_many) { return {so_many * tick}; }

TEST(TimerWheel, fires_at_the_tick_after_its_time) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.next(), Instant::never());
  wheel.set(3, {tick + 1});
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_EQ(wheel.next(), ticks(2));
  EXPECT_EQ(wheel.next_due({2 * tick - 1}), nothing);
  EXPECT_EQ(wheel.next_due(ticks(2)), 3u);
  EXPECT_EQ(wheel.next_due(ticks(2)), nothing);
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_FALSE(wheel.is_set(3));
}

TEST(TimerWheel, one_that_is_due_on_a_tick_fires_on_it) {
  TimerWheel wheel;
  wheel.set(0, ticks(5));
  EXPECT_EQ(wheel.next(), ticks(5));
  EXPECT_EQ(wheel.next_due(ticks(5)), 0u);
}

TEST(TimerWheel, the_past_fires_at_once) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.next_due(ticks(1000)), nothing);
  wheel.set(0, ticks(1));
  EXPECT_EQ(wheel.next(), ticks(1000));
  EXPECT_EQ(wheel.next_due(ticks(1000)), 0u);
}

TEST(TimerWheel, never_is_far_but_does_no_harm) {
  TimerWheel wheel;
  wheel.set(0, Instant::never());
  wheel.set(1, {Instant::never().ns - tick});
  EXPECT_EQ(wheel.next_due(ticks(std::int64_t{1} << 42)), nothing);
  EXPECT_EQ(wheel.size(), 2u);
  EXPECT_EQ(wheel.next_due({Instant::never().ns - tick + 1}), 0u) << "to about a millisecond";
}

TEST(TimerWheel, setting_again_moves_it) {
  TimerWheel wheel;
  wheel.set(7, ticks(5));
  wheel.set(7, ticks(500));
  EXPECT_EQ(wheel.size(), 1u);
  EXPECT_EQ(wheel.next_due(ticks(499)), nothing);
  EXPECT_EQ(wheel.next_due(ticks(500)), 7u);
}

TEST(TimerWheel, clearing_what_is_not_set_does_nothing) {
  TimerWheel wheel;
  wheel.clear(99);
  wheel.set(7, ticks(5));
  wheel.clear(99);
  wheel.clear(3);
  wheel.clear(7);
  wheel.clear(7);
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.next(), Instant::never());
}

TEST(TimerWheel, what_is_set_while_others_fire_does_not_overtake_them) {
  TimerWheel wheel;
  wheel.set(0, ticks(64));
  wheel.set(1, ticks(65));
  EXPECT_EQ(wheel.next_due(ticks(64)), 0u);
  wheel.set(2, ticks(70));
  EXPECT_EQ(wheel.next_due(ticks(64)), nothing);
  EXPECT_EQ(wheel.next(), ticks(65));
  EXPECT_EQ(wheel.next_due(ticks(65)), 1u);
  EXPECT_EQ(wheel.next_due(ticks(70)), 2u);
}

TEST(TimerWheel, memory_is_that_of_the_largest_index) {
  TimerWheel wheel;
  EXPECT_EQ(wheel.memory_bytes(), 0u);
  wheel.set(999, ticks(1));
  EXPECT_GE(wheel.memory_bytes(), 1000 * 24u);
  EXPECT_LE(wheel.memory_bytes(), 1000 * 24u + 8 * 64 * 12);
}

/// Time that passes is drawn from very short to very long.
class Timers : public testing::TestWithParam<unsigned> {
 protected:
  std::int64_t draw_ns() {
    const std::uint32_t bits = random_() % 58;
    return static_cast<std::int64_t>(((std::uint64_t{random_()} << 32) | random_()) &
                                     ((std::uint64_t{1} << bits) - 1));
  }

  /// Everything that is due has fired, and nothing early.
  void expect_fired(TimerWheel& wheel, std::map<std::uint32_t, Instant>& due, Instant now) {
    for (std::uint32_t index = wheel.next_due(now); index != nothing; index = wheel.next_due(now)) {
      ASSERT_TRUE(due.contains(index));
      ASSERT_LE(due[index], now);
      due.erase(index);
      if (random_() % 4 != 0) continue;
      const std::uint32_t other = random_() % 50;
      due[other] = now + Duration(draw_ns());
      wheel.set(other, due[other]);
    }
    for (const auto& [index, when] : due) ASSERT_GT(when.ns + tick, now.ns) << "late";
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(Timers, agree_with_a_map) {
  TimerWheel wheel;
  std::map<std::uint32_t, Instant> due;
  Instant now;
  for (int step = 0; step < 3000 && now.ns < std::int64_t{1} << 61; ++step) {
    const std::uint32_t index = random_() % 50;
    const std::uint32_t what = random_() % 4;
    if (what == 0) due.erase(index), wheel.clear(index);
    if (what == 1 || what == 2) {
      due[index] = {std::max<std::int64_t>(now.ns + draw_ns() - draw_ns() / 8, 0)};
      wheel.set(index, due[index]);
    }
    if (what == 3) {
      Instant first = Instant::never();
      for (const auto& timer : due) first = std::min(first, timer.second);
      if (first != Instant::never()) {
        ASSERT_LT(wheel.next().ns, std::max(first, now).ns + tick);
      }
      now = random_() % 2 == 0 && wheel.next() != Instant::never() ? std::max(now, wheel.next())
                                                                   : now + Duration(draw_ns() / 16);
      expect_fired(wheel, due, now);
      if (HasFatalFailure()) return;
    }
    ASSERT_EQ(wheel.size(), due.size());
    for (std::uint32_t i = 0; i < 50; ++i) ASSERT_EQ(wheel.is_set(i), due.contains(i));
  }
}

INSTANTIATE_TEST_SUITE_P(TimerWheel, Timers, testing::Range(0u, 20u));

}  // namespace
}  // namespace acre::schedule

// Members of different speed get work by their speed.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 takes `slow` a task and m1 `fast`, and both are known for that; nothing is left to do.
Farm measured(const Policy& policy, Duration slow, Duration fast, std::uint32_t rounds = 16) {
  Farm farm(policy);
  farm.join(0), farm.join(1);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    farm.submit_all(2 * round, 2 * round + 1);
    farm.finish(1, 2 * round + 1, fast), farm.finish(0, 2 * round, slow);  // m0 is the first to get more
  }
  return farm;
}

TEST(Weights, a_share_is_by_speed) {
  Farm farm = measured({.prefetch_target = milliseconds(100), .low_water = 0, .chunk_target = seconds(1)},
                       milliseconds(3), milliseconds(1));
  EXPECT_EQ(farm.scheduler.mean_task_time(), milliseconds(2));
  // Speeds 10/16 and 30/16: of 64 ready tasks half of 10/40, then of what is left half of 30/40.
  EXPECT_EQ(farm.submit_range(100, 64), "deal t100[0-7] to m0, deal t100[8-28] to m1");
}

TEST(Weights, a_quarter_faster_is_noticed) {
  Farm farm = measured({.prefetch_target = milliseconds(100), .low_water = 0, .chunk_target = seconds(1)},
                       microseconds(1200), microseconds(800));
  // Speeds 13/16 and 19/16: of 66 ready tasks half of 13/32, then of what is left half of 19/32.
  EXPECT_EQ(farm.submit_range(100, 66), "deal t100[0-13] to m0, deal t100[14-29] to m1");
}

TEST(Weights, a_tenth_faster_is_not) {
  Farm farm = measured({.prefetch_target = milliseconds(100), .low_water = 0, .chunk_target = seconds(1)},
                       microseconds(1100), microseconds(900));
  EXPECT_EQ(farm.submit_range(100, 64), "deal t100[0-15] to m0, deal t100[16-27] to m1");
}

TEST(Weights, prefetch_is_by_each_members_time) {
  Farm farm = measured({.prefetch_target = milliseconds(30)}, milliseconds(30), milliseconds(10), 8);
  farm.submit_range(100, 100, 1);
  EXPECT_EQ(farm.counts(), "94 ready, 6 held");  // 1 + 1, and 1 + 3
}

TEST(Weights, chunks_are_by_each_members_time) {
  Farm farm = measured({.prefetch_target = milliseconds(1), .chunk_target = milliseconds(60)},
                       milliseconds(30), milliseconds(10));
  farm.submit_range(100, 1000);
  EXPECT_EQ(farm.deals[farm.deals.size() - 2].count, 2u);
  EXPECT_EQ(farm.deals.back().count, 2u);
}

TEST(Weights, few_tasks_tell_no_speed) {
  Farm farm({.prefetch_target = milliseconds(100), .low_water = 0, .chunk_target = seconds(1)});
  farm.join(0), farm.join(1);
  for (std::uint32_t slot = 0; slot < 14; slot += 2) {
    farm.submit_all(slot, slot + 1);
    farm.finish(1, slot + 1, milliseconds(1)), farm.finish(0, slot, milliseconds(3));
  }
  EXPECT_EQ(farm.submit_range(100, 64), "deal t100[0-15] to m0, deal t100[16-27] to m1")
      << "seven each are too few";
}

TEST(Weights, the_fast_are_given_the_tasks_of_the_slow) {
  Farm farm = measured(prefetch(100), milliseconds(3), milliseconds(1));
  farm.submit_range(100, 16, 1);  // to m0: 0, 1, 8, 12 and 15
  for (const std::uint32_t place : {2, 3, 4, 5, 6, 7, 9, 10, 11, 13})
    EXPECT_EQ(farm.finish(1, {100, place}, milliseconds(1)), "deliver t100[" + std::to_string(place) + "]");
  // 5 tasks at speed 10/16 level at 3 and three quarters here.
  EXPECT_EQ(farm.finish(1, {100, 14}, milliseconds(1)),
            "deliver t100[14], recall t100[15] from m0, recall t100[12] from m0, recall t100[8] from m0");
}

TEST(Weights, a_task_that_would_end_later_elsewhere_stays) {
  Farm farm = measured(prefetch(9), milliseconds(32), milliseconds(4));
  farm.submit_all(100, 105);  // to m0: 100 and 102
  farm.finish(0, 100, milliseconds(32));
  EXPECT_EQ(farm.finish(0, 102, milliseconds(32)), "deliver t102") << "m1 is done after 16 ms";
}

TEST(Weights, a_newcomer_is_taken_to_be_as_fast_as_the_one_that_gives) {
  Farm farm = measured(prefetch(9), milliseconds(32), milliseconds(4));
  farm.lose(0);
  farm.submit_all(100, 101);
  EXPECT_EQ(farm.join(2), "recall t101 from m1") << "the one that m1 runs may be a long one";
}

TEST(Weights, speed_is_at_most_eight_times_the_mean) {
  Farm farm = measured({.prefetch_target = seconds(1000), .low_water = 0, .chunk_target = seconds(1000)},
                       seconds(1), microseconds(1), 24);
  // Speeds 1/2 and 8: half of 8/136 of 200, and of 194 half of 128/136.
  EXPECT_EQ(farm.submit_range(100, 200), "deal t100[0-5] to m0, deal t100[6-97] to m1");
}

TEST(Weights, speed_is_at_least_an_eighth_of_the_mean) {
  Farm farm({.prefetch_target = seconds(1000), .low_water = 0, .chunk_target = seconds(1000)});
  farm.join(0);
  for (std::uint32_t slot = 0; slot < 8; ++slot) farm.submit(slot), farm.finish(0, slot, seconds(1));
  farm.submit(8), farm.join(1);
  for (std::uint32_t slot = 9; slot < 400; ++slot) farm.submit(slot), farm.finish(1, slot, microseconds(1));
  farm.finish(0, 8, seconds(1));
  farm.submit_all(400, 401), farm.finish(0, 400, seconds(1)), farm.finish(1, 401, microseconds(1));
  // Speeds 8 and 1/8: of a thousand half of 128/130, and of 507 half of 2/130.
  EXPECT_EQ(farm.submit_range(500, 1000), "deal t500[0-492] to m1, deal t500[493-496] to m0");
}

}  // namespace
}  // namespace acre::schedule

// What is more urgent goes first; within that, what takes longest.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

std::string submit(Farm& farm, std::uint32_t slot, int priority, Duration expected = {}) {
  return farm.step(Submitted{.task = task(slot), .priority = priority, .expected = expected});
}

TEST(Priorities, higher_ones_first) {
  Farm farm(prefetch(9));
  submit(farm, 0, 0), submit(farm, 1, -8), submit(farm, 2, 7), submit(farm, 3, 1);
  farm.join(0);
  EXPECT_EQ(farm.deals.size(), 4u);
  EXPECT_EQ(slot_of(farm.deals[0].task), 2u);
  EXPECT_EQ(slot_of(farm.deals[1].task), 3u);
  EXPECT_EQ(slot_of(farm.deals[2].task), 0u);
  EXPECT_EQ(slot_of(farm.deals[3].task), 1u);
}

TEST(Priorities, one_that_holds_a_task_makes_way) {
  Farm farm(prefetch(1));
  farm.join(0), farm.submit_all(0, 1), farm.start(0, 0);
  EXPECT_EQ(submit(farm, 2, 1), "recall t1 from m0");
  EXPECT_EQ(farm.give_back(0, 1), "deal t2 to m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, deal t1 to m0");
}

TEST(Priorities, not_for_its_equals) {
  Farm farm(prefetch(1));
  farm.join(0);
  submit(farm, 0, 3), submit(farm, 1, 3), farm.start(0, 0);
  EXPECT_EQ(submit(farm, 2, 3), "");
  EXPECT_EQ(submit(farm, 3, 2), "");
  EXPECT_EQ(submit(farm, 4, 3, seconds(9)), "") << "longest first is no reason to take anything back";
}

TEST(Priorities, not_while_a_worker_is_idle) {
  Farm farm(prefetch(1));
  farm.join(0), farm.submit_all(0, 1), farm.start(0, 0);
  farm.step(MemberJoined{member(1), 2});
  EXPECT_EQ(farm.counts(), "1 recalling, 1 running");
  EXPECT_EQ(submit(farm, 2, 1), "deal t2 to m1");
}

TEST(Priorities, not_even_by_the_member_with_the_idle_worker) {
  Farm farm(prefetch(1));
  farm.join_agent(0, 2), farm.submit(0);
  EXPECT_EQ(submit(farm, 1, 1), "deal t1 to m0");
}

TEST(Priorities, not_where_several_chunks_wait) {
  Farm farm(prefetch(2, 1));
  farm.join(0), farm.submit_all(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.counts(), "2 held, 1 running");
  EXPECT_EQ(submit(farm, 3, 1), "");
}

TEST(Priorities, the_rest_of_a_chunk_makes_way) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 5, 5), farm.start(0, 0);
  EXPECT_EQ(submit(farm, 1, 1), "recall 4 of t0[0-4] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 1, 4}), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, deal t1 to m0");
}

TEST(Priorities, running_tasks_stay) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(submit(farm, 1, 7), "");
}

TEST(CostHints, longest_first) {
  Farm farm(prefetch(9));
  submit(farm, 0, 0), submit(farm, 1, 0, milliseconds(1)), submit(farm, 2, 0, milliseconds(3)),
      submit(farm, 3, 0, seconds(1));
  farm.join(0);
  EXPECT_EQ(slot_of(farm.deals[0].task), 3u);
  EXPECT_EQ(slot_of(farm.deals[1].task), 2u);
  EXPECT_EQ(slot_of(farm.deals[2].task), 1u);
  EXPECT_EQ(slot_of(farm.deals[3].task), 0u);
}

TEST(CostHints, only_within_a_priority) {
  Farm farm(prefetch(9));
  submit(farm, 0, 0, seconds(1)), submit(farm, 1, 1);
  farm.join(0);
  EXPECT_EQ(slot_of(farm.deals[0].task), 1u);
}

TEST(CostHints, among_about_equals_first_come_first_served) {
  Farm farm(prefetch(9));
  submit(farm, 0, 0, milliseconds(1000)), submit(farm, 1, 0, milliseconds(1010));
  farm.join(0);
  EXPECT_EQ(slot_of(farm.deals[0].task), 0u);
}

TEST(CostHints, a_chunk_takes_no_longer_than_its_target) {
  Farm farm({.chunk_target = milliseconds(2)});
  farm.join(0);
  farm.measure(0, microseconds(1));
  farm.step(Submitted{.task = task(1), .count = 100, .expected = microseconds(400)});
  EXPECT_EQ(farm.deals[1].count, 5u);
}

}  // namespace
}  // namespace acre::schedule

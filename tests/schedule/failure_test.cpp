// Failures: lost members, retries and what comes too late.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

Failed failed(std::uint32_t m, std::uint32_t slot, bool retry) {
  return {member(m), task(slot), std::chrono::milliseconds(1), retry};
}

TEST(Failure, a_running_task_uses_up_an_attempt) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1 #2");
  farm.start(1, 0);
  EXPECT_EQ(farm.lose(1), "give up t0: worker lost after 2");
}

TEST(Failure, held_and_recalling_tasks_use_up_none_and_keep_their_order) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 4, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t4 from m0, recall t3 from m0");
  EXPECT_EQ(farm.lose(1), "");
  EXPECT_EQ(farm.lose(0), "");
  farm.submit(5);
  EXPECT_EQ(farm.join(2),
            "deal t0 to m2 #2, deal t1 to m2, deal t2 to m2, deal t3 to m2, deal t4 to m2, deal t5 to m2");
}

TEST(Failure, another_member_takes_over_at_once) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 1, 2), farm.start(0, 0), farm.start(1, 1);
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
  EXPECT_EQ(farm.finish(1, 1), "deliver t1");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
}

TEST(Failure, the_last_allowed_attempt_is_the_last) {
  Farm farm;
  farm.join(0), farm.submit(0, 1), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 1");
  EXPECT_TRUE(farm.scheduler.idle());
}

TEST(Failure, late_results_of_a_lost_member_are_dropped) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  farm.lose(0);
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1 #2");
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.step(failed(0, 0, false)), "");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 0), "");
}

TEST(Failure, a_lost_member_is_forgotten) {
  Farm farm;
  farm.join(0), farm.lose(0);
  EXPECT_EQ(farm.scheduler.total_workers(), 0u);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.submit(0), "");
  EXPECT_EQ(farm.join(0), "deal t0 to m0");
}

TEST(Failure, the_answer_of_a_lost_member_is_ignored) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2, deal t1 to m1");
  EXPECT_EQ(farm.answer(0, 1, true), "");
}

TEST(Failure, a_failure_is_final) {
  Farm farm;
  farm.join(0), farm.submit(0, 9), farm.start(0, 0);
  EXPECT_EQ(farm.step(failed(0, 0, false)), "deliver t0");
}

TEST(Failure, unless_it_is_to_be_tried_again) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit(0, 2), farm.submit(1), farm.start(0, 0);
  EXPECT_EQ(farm.step(failed(0, 0, true)), "deal t0 to m0 #2");
  EXPECT_EQ(farm.step(failed(0, 0, true)), "deliver t0, deal t1 to m0");
}

TEST(Failure, losses_and_failures_share_the_attempts) {
  Farm farm;
  farm.join(0), farm.submit(0, 3), farm.start(0, 0);
  EXPECT_EQ(farm.step(failed(0, 0, true)), "deal t0 to m0 #2");
  farm.start(0, 0), farm.lose(0);
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #3");
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 3");
}

TEST(Failure, results_need_no_start) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2, recall t1 from m0");
  EXPECT_EQ(farm.step(failed(0, 1, false)), "deliver t1");
}

}  // namespace
}  // namespace acre::schedule

// Recall: levelling the tail without tossing tasks to and fro.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 runs t0 and holds the tasks up to `last`; nothing is ready.
Farm loaded(std::uint32_t last) {
  Farm farm(prefetch(100));
  farm.join(0);
  farm.submit_all(0, last);
  farm.start(0, 0);
  return farm;
}

TEST(Recall, half_of_what_the_other_holds_latest_first) {
  Farm farm = loaded(6);
  EXPECT_EQ(farm.join(1), "recall t6 from m0, recall t5 from m0, recall t4 from m0");
}

TEST(Recall, a_recalled_task_is_dealt_at_once_as_the_same_attempt) {
  Farm farm = loaded(2);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.answer(0, 2, true), "deal t2 to m1");
}

TEST(Recall, too_late_means_it_runs_there) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.answer(0, 1, false), "");
  EXPECT_EQ(farm.scheduler.counts().running, 2u);
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
}

TEST(Recall, an_answer_after_the_end_is_ignored) {
  Farm farm = loaded(1);
  farm.join(1);
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
  EXPECT_EQ(farm.answer(0, 1, false), "");
  EXPECT_EQ(farm.answer(0, 1, true), "");
}

TEST(Recall, a_start_overtakes_the_answer) {
  Farm farm = loaded(1);
  farm.join(1);
  EXPECT_EQ(farm.start(0, 1), "");
  EXPECT_EQ(farm.answer(0, 1, false), "");
  EXPECT_EQ(farm.scheduler.counts().running, 2u);
}

TEST(Recall, a_refusal_for_an_earlier_deal_loses_nothing) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  farm.lose(1);
  EXPECT_EQ(farm.step(Failed{member(0), task(1), std::chrono::milliseconds(1), true}), "deal t1 to m0 #2");
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.answer(0, 1, false), "");
  EXPECT_EQ(farm.answer(0, 1, true), "deal t1 to m1 #2");
}

TEST(Recall, from_the_member_with_the_most) {
  Farm farm(prefetch(100));
  farm.join(0), farm.join(1);
  farm.submit_all(0, 5);  // Even ones at m0, odd ones at m1.
  farm.finish(0, 0), farm.finish(0, 2);
  EXPECT_EQ(farm.join(2), "recall t5 from m1");
}

TEST(Recall, when_a_member_runs_dry) {
  Farm farm(prefetch(100));
  farm.join(0), farm.join(1);
  farm.submit_all(0, 5);
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2");
  EXPECT_EQ(farm.finish(0, 4), "deliver t4, recall t5 from m1");
}

TEST(Recall, never_a_members_only_task) {
  Farm farm = loaded(0);
  EXPECT_EQ(farm.join(1), "");
}

TEST(Recall, never_what_would_idle_a_worker_of_the_donor) {
  Farm farm(prefetch(100));
  farm.join(0, 4);
  farm.submit_all(0, 4);
  EXPECT_EQ(farm.join(1, 64), "recall t4 from m0");
}

TEST(Recall, one_idle_worker_is_served_by_one_recall_under_way) {
  Farm farm = loaded(10);
  EXPECT_EQ(farm.join(1),
            "recall t10 from m0, recall t9 from m0, recall t8 from m0, recall t7 from m0, recall t6 from m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.join(2), "");
  EXPECT_EQ(farm.answer(0, 6, true), "deal t6 to m1");
  EXPECT_EQ(farm.answer(0, 7, true), "deal t7 to m2");
}

TEST(Recall, shares_are_by_workers) {
  Farm farm(prefetch(100));
  farm.join(0, 1);
  farm.submit_all(0, 7);
  EXPECT_EQ(farm.join(1, 3),
            "recall t7 from m0, recall t6 from m0, recall t5 from m0, recall t4 from m0, "
            "recall t3 from m0, recall t2 from m0");
}

TEST(Recall, two_members_do_not_toss_a_task_to_and_fro) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.answer(0, 1, true), "deal t1 to m1");
  EXPECT_EQ(farm.step(Tick{}), "");
  EXPECT_EQ(farm.start(1, 1), "");
}

TEST(Recall, not_while_tasks_are_ready) {
  Farm farm(prefetch(1));
  farm.join(0);
  farm.submit_all(0, 2);
  EXPECT_EQ(farm.join(1), "deal t2 to m1");
}

TEST(Recall, attempts_lost_at_an_agent_are_not_forgotten) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 2, 3), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.step(RecallAnswered{member(0), task(2), true, 2}), "deal t2 to m1 #3");
  farm.start(1, 2);
  EXPECT_EQ(farm.lose(1), "give up t2: worker lost after 3");
}

TEST(Recall, a_task_given_back_without_attempts_left_is_given_up) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.answer(0, 1, false), "");
  EXPECT_EQ(farm.step(RecallAnswered{member(0), task(1), true, 2}), "give up t1: worker lost after 2");
}

TEST(Recall, a_task_submitted_with_lost_attempts_goes_on_with_the_next_one) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.step(Submitted{task(0), 3, 2}), "deal t0 to m0 #3");
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 3");
}

}  // namespace
}  // namespace acre::schedule

// Recall: levelling the tail without tossing tasks to and fro.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 runs t0 and holds the tasks up to `last`; nothing is ready.
Farm loaded(std::uint32_t last, std::uint32_t max_attempts = 1) {
  Farm farm(prefetch(100));
  farm.join(0);
  farm.submit_all(0, last, max_attempts);
  farm.start(0, 0);
  return farm;
}

TEST(Levelling, half_of_what_the_other_holds_latest_first) {
  Farm farm = loaded(6);
  EXPECT_EQ(farm.join(1), "recall t6 from m0, recall t5 from m0, recall t4 from m0");
  EXPECT_EQ(farm.counts(), "3 held, 3 recalling, 1 running");
}

TEST(Levelling, a_recalled_task_is_dealt_at_once_as_the_same_attempt) {
  Farm farm = loaded(2);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.give_back(0, 2), "deal t2 to m1");
}

TEST(Levelling, too_late_means_it_runs_there) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.counts(), "2 running");
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
}

TEST(Levelling, what_was_kept_is_not_asked_for_again) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.join(2), "");
  EXPECT_EQ(farm.cancel(1), "");
}

TEST(Levelling, an_answer_after_the_end_is_ignored) {
  Farm farm = loaded(1);
  farm.join(1);
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.give_back(0, 1), "");
}

TEST(Levelling, a_start_overtakes_the_answer) {
  Farm farm = loaded(1);
  farm.join(1);
  EXPECT_EQ(farm.start(0, 1), "");
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.counts(), "2 running");
}

TEST(Levelling, an_answer_that_nobody_waits_for_changes_nothing) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.counts(), "1 held, 1 running");
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
}

TEST(Levelling, what_comes_back_unasked_is_dealt_again) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.give_back(0, 1), "deal t1 to m0");
}

TEST(Levelling, from_the_member_with_the_most) {
  Farm farm(prefetch(100));
  farm.join(0), farm.join(1);
  farm.submit_all(0, 5);  // Even ones at m0, odd ones at m1.
  farm.finish(0, 0), farm.finish(0, 2);
  EXPECT_EQ(farm.join(2), "recall t5 from m1");
}

TEST(Levelling, from_several_members_for_several_workers) {
  Farm farm(prefetch(100));
  farm.join(0), farm.join(1), farm.submit_all(0, 3);
  EXPECT_EQ(farm.join(2, 3), "recall t2 from m0, recall t3 from m1");
}

TEST(Levelling, when_a_member_runs_dry) {
  Farm farm(prefetch(100));
  farm.join(0), farm.join(1);
  farm.submit_all(0, 5);
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2");
  EXPECT_EQ(farm.finish(0, 4), "deliver t4, recall t5 from m1");
}

TEST(Levelling, never_a_members_only_task) {
  Farm farm = loaded(0);
  EXPECT_EQ(farm.join(1), "");
}

TEST(Levelling, never_what_would_idle_a_worker_of_the_donor) {
  Farm farm(prefetch(100));
  farm.join(0, 4);
  farm.submit_all(0, 4);
  EXPECT_EQ(farm.join(1, 64), "recall t4 from m0");
}

TEST(Levelling, one_idle_worker_is_served_by_one_recall_under_way) {
  Farm farm = loaded(10);
  EXPECT_EQ(farm.join(1),
            "recall t10 from m0, recall t9 from m0, recall t8 from m0, recall t7 from m0, recall t6 from m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.join(2), "");
  EXPECT_EQ(farm.give_back(0, 6), "deal t6 to m1");
  EXPECT_EQ(farm.give_back(0, 7), "deal t7 to m2");
}

TEST(Levelling, shares_are_by_workers) {
  Farm farm(prefetch(100));
  farm.join(0, 1);
  farm.submit_all(0, 7);
  EXPECT_EQ(farm.join(1, 3),
            "recall t7 from m0, recall t6 from m0, recall t5 from m0, recall t4 from m0, "
            "recall t3 from m0, recall t2 from m0");
}

TEST(Levelling, what_the_receiver_has_counts) {
  Farm farm(prefetch(100));
  farm.join_agent(1, 4), farm.submit_all(0, 2), farm.join(0);
  // With what is recalled, nine tasks of four workers and three of one end together.
  EXPECT_EQ(farm.submit_range(3, 9, 9), "deal t3[0-8] to m0, recall 6 of t3[0-8] from m0");
}

TEST(Levelling, two_members_do_not_toss_a_task_to_and_fro) {
  Farm farm = loaded(1);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.give_back(0, 1), "deal t1 to m0");
  EXPECT_EQ(farm.step(Tick{}), "");
  EXPECT_EQ(farm.start(0, 1), "");
}

TEST(Levelling, not_while_tasks_are_ready) {
  Farm farm(prefetch(1));
  farm.join(0);
  farm.submit_all(0, 2);
  EXPECT_EQ(farm.join(1), "deal t2 to m1");
}

TEST(Levelling, a_part_of_a_chunk) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 8, 8);
  farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.counts(), "3 held, 4 recalling, 1 running");
  EXPECT_EQ(farm.give_back(0, {0, 6, 2}), "deal t0[6-7] to m1");
  EXPECT_EQ(farm.give_back(0, {0, 4, 2}), "deal t0[4-5] to m1");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.counts(), "7 held, 1 running");
  EXPECT_EQ(farm.finish(0, {0, 0, 4}), "deliver t0[0-3], recall t0[4-5] from m1");
}

TEST(Levelling, what_was_given_as_asked_can_be_asked_for_more) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 8, 8);
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 4, 4}), "deal t0[4-7] to m1");
  EXPECT_EQ(farm.join(2), "") << "m0 has not told all about the first recall";
  EXPECT_EQ(farm.keep(0, 0), "recall 2 of t0[0-7] from m0");
}

TEST(Levelling, less_than_asked_for_means_that_the_rest_has_started) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 8, 8);
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 7}), "deal t0[7] to m1");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.counts(), "1 held, 7 running");
  EXPECT_EQ(farm.join(2), "");
}

TEST(Levelling, what_a_worker_runs_stays_when_part_of_another_chunk_is_asked_back) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit(0, 2), farm.submit_range(1, 8, 8, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall 4 of t1[0-7] from m0");
  EXPECT_EQ(farm.give_back(0, {1, 4, 4}), "deal t1[4-7] to m1");
  EXPECT_EQ(farm.keep(0, {1, 0}), "");
  EXPECT_EQ(farm.scheduler.running(member(0))->task, task(0));
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2, deal t1[0-3] to m1");
}

TEST(Levelling, results_that_overtake_the_answer_are_not_asked_for) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 4, 4);
  EXPECT_EQ(farm.join(1), "recall 2 of t0[0-3] from m0");
  EXPECT_EQ(farm.finish(0, {0, 0, 3}), "deliver t0[0-2]");
  EXPECT_EQ(farm.counts(), "1 recalling");
  EXPECT_EQ(farm.give_back(0, {0, 3}), "deal t0[3] to m0") << "which has nothing to do either by now";
  EXPECT_EQ(farm.counts(), "1 held");
}

TEST(Levelling, from_several_chunks_the_last_one_first) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 3, 3), farm.submit_range(1, 3, 3), farm.start(0, 0);
  EXPECT_EQ(farm.join(1, 2), "recall t1[0-2] from m0, recall 1 of t0[0-2] from m0");
}

TEST(Levelling, attempts_lost_at_an_agent_are_not_forgotten) {
  Farm farm = loaded(2, 3);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.give_back(0, 2, 2), "deal t2 to m1 #3");
  farm.start(1, 2);
  EXPECT_EQ(farm.lose(1), "give up t2: worker lost after 3");
}

TEST(Levelling, attempts_are_never_taken_away) {
  Farm farm(prefetch(0));
  farm.join(0);
  EXPECT_EQ(farm.step(Submitted{.task = task(0), .max_attempts = 9, .used = 4}), "deal t0 to m0 #5");
  EXPECT_EQ(farm.give_back(0, 0, 1), "deal t0 to m0 #5");
}

TEST(Levelling, a_task_given_back_without_attempts_left_is_given_up) {
  Farm farm = loaded(1, 2);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.keep(0, 1), "");
  EXPECT_EQ(farm.give_back(0, 1, 2), "give up t1: worker lost after 2");
}

}  // namespace
}  // namespace acre::schedule

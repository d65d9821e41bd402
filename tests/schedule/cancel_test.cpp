// Cancelling tasks: those that wait, those that were dealt, and, if asked for, those that run.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

std::string cancel(Farm& farm, std::uint32_t slot, std::uint32_t count, bool if_unstarted = false) {
  return farm.step(CancelRequested{.task = task(slot), .if_unstarted = if_unstarted, .count = count});
}
std::string cancel_if_unstarted(Farm& farm, std::uint32_t slot) {
  return cancel(farm, slot, 0xffffffff, true);
}
std::string kill(Farm& farm, std::uint32_t slot, std::uint32_t count = 0xffffffff) {
  return farm.step(CancelRequested{.task = task(slot), .count = count, .kill = true});
}

TEST(Cancel, a_ready_task_ends_at_once) {
  Farm farm;
  farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "give up t0: cancelled after 0");
  EXPECT_EQ(farm.join(0), "");
}

TEST(Cancel, a_held_task_ends_when_it_is_back) {
  Farm farm;
  farm.join(0), farm.submit_all(0, 1);
  EXPECT_EQ(farm.cancel(1), "recall t1 from m0");
  EXPECT_EQ(farm.cancel(1), "");
  EXPECT_EQ(farm.give_back(0, 1), "give up t1: cancelled after 0");
}

TEST(Cancel, too_late_means_it_finishes) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

TEST(Cancel, too_late_and_lost_is_still_cancelled) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.cancel(0), farm.keep(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1");
}

TEST(Cancel, a_running_task_goes_on) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

TEST(Cancel, a_running_task_is_not_tried_again) {
  for (const bool lost : {false, true}) {
    Farm farm;
    farm.join(0), farm.submit(0, 2), farm.start(0, 0), farm.cancel(0);
    EXPECT_EQ(lost ? farm.lose(0) : farm.fail(0, 0, true), "give up t0: cancelled after 1");
  }
}

TEST(Cancel, a_task_on_its_way_back_is_not_dealt_again) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.cancel(1), "");
  EXPECT_EQ(farm.give_back(0, 1), "give up t1: cancelled after 0");
}

TEST(Cancel, a_cancelled_task_is_not_tried_again) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 2, 9);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.cancel(1), "recall t1 from m1");
  EXPECT_EQ(farm.fail(1, 1, true), "give up t1: cancelled after 1");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 0, deal t2 to m1");
}

TEST(CancelIfUnstarted, is_forgotten_once_it_runs) {
  Farm farm;
  farm.join(0), farm.submit(0, 2);
  EXPECT_EQ(cancel_if_unstarted(farm, 0), "recall t0 from m0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.join(1), "");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
}

TEST(CancelIfUnstarted, is_forgotten_when_the_loss_tells_that_it_ran) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.join(1);
  EXPECT_EQ(cancel_if_unstarted(farm, 0), "recall t0 from m0");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
}

TEST(CancelIfUnstarted, is_nothing_for_what_runs) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  EXPECT_EQ(cancel_if_unstarted(farm, 0), "");
  EXPECT_EQ(farm.fail(0, 0, true), "deal t0 to m0 #2");
}

TEST(CancelIfUnstarted, takes_back_what_has_not_started) {
  Farm farm;
  farm.join(0), farm.submit(0, 2);
  cancel_if_unstarted(farm, 0);
  EXPECT_EQ(farm.give_back(0, 0), "give up t0: cancelled after 0");
}

TEST(CancelRange, all_that_can_be_taken_back) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 10, 4), farm.start(0, 0);
  EXPECT_EQ(farm.cancel(0), "give up t0[4-9]: cancelled after 0, recall 3 of t0[0-3] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 1, 3}), "give up t0[1-3]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_TRUE(farm.scheduler.idle());
}

TEST(CancelRange, the_last_ones_fresh_ones_first) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 10, 4);
  EXPECT_EQ(cancel(farm, 0, 2), "give up t0[8-9]: cancelled after 0");
  EXPECT_EQ(cancel(farm, 0, 5), "give up t0[4-7]: cancelled after 0, recall 1 of t0[0-3] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 3}), "give up t0[3]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(cancel(farm, 0, 1), "recall 1 of t0[0-3] from m0");
}

TEST(CancelRange, none_means_none) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 10, 4);
  EXPECT_EQ(cancel(farm, 0, 0), "");
  EXPECT_EQ(farm.counts(), "6 ready, 4 held");
}

TEST(CancelRange, of_chunks_that_came_back_the_end) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 8, 8);
  farm.lose(0);
  EXPECT_EQ(cancel(farm, 0, 3), "give up t0[5-7]: cancelled after 0");
  EXPECT_EQ(farm.join(0), "deal t0[0-4] to m0");
}

TEST(CancelRange, of_several_chunks_that_came_back_no_more_than_asked_for) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_range(0, 8, 4), farm.lose(0);
  cancel(farm, 0, 6);
  EXPECT_EQ(farm.counts(), "2 ready");
}

TEST(CancelRange, from_several_members_what_was_dealt_last_first) {
  Farm farm(prefetch(0));
  farm.join(0), farm.join(1), farm.submit_range(0, 8, 4);
  EXPECT_EQ(cancel(farm, 0, 6), "recall t0[4-7] from m1, recall 2 of t0[0-3] from m0");
  EXPECT_EQ(cancel(farm, 0, 6), "") << "six are on their way";
  EXPECT_EQ(farm.lose(1), "give up t0[4-7]: cancelled after 0");
}

TEST(CancelRange, a_part_is_forgotten_for_what_has_started) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 4, 2), farm.start(0, 0);
  EXPECT_EQ(cancel(farm, 0, 2), "recall 2 of t0[0-3] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 2, 2}), "give up t0[2-3]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(0), "deal t0[1] to m0");
}

TEST(CancelRange, the_rest_follows_a_recall_that_is_under_way) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 8, 8);
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.give_back(0, {0, 4, 4}), "give up t0[4-7]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, 0), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 0, 4}), "give up t0[0-3]: cancelled after 0");
}

TEST(CancelKill, ends_what_runs) {
  Farm farm;
  farm.join(0), farm.submit(0, 9), farm.start(0, 0);
  EXPECT_EQ(kill(farm, 0), "kill m0: cancelled");
  EXPECT_EQ(kill(farm, 0), "");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1");
}

TEST(CancelKill, a_result_that_comes_first_counts) {
  Farm farm;
  farm.join(0), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(kill(farm, 0), "kill m0: cancelled");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

TEST(CancelKill, what_has_not_started_comes_back) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(kill(farm, 0), "recall t0 from m0");
  EXPECT_EQ(farm.give_back(0, 0), "give up t0: cancelled after 0");
  EXPECT_EQ(farm.submit(1), "deal t1 to m0");
}

TEST(CancelKill, or_turns_out_to_have_started) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(kill(farm, 0), "recall t0 from m0");
  EXPECT_EQ(farm.keep(0, 0), "kill m0: cancelled");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1");
}

TEST(CancelKill, or_starts_after_all) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(kill(farm, 0), "recall t0 from m0");
  EXPECT_EQ(farm.start(0, 0), "kill m0: cancelled");
  EXPECT_EQ(farm.keep(0, 0), "");
}

TEST(CancelKill, a_chunk_with_what_runs_of_it) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_range(0, 4, 4, 9), farm.submit(1), farm.start(0, 0);
  EXPECT_EQ(kill(farm, 0), "kill m0: cancelled");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1, give up t0[1-3]: cancelled after 0");
  EXPECT_EQ(farm.join(0), "deal t1 to m0");
}

TEST(CancelKill, not_for_a_part_of_a_chunk) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_range(0, 4, 4, 9), farm.start(0, 0);
  EXPECT_EQ(kill(farm, 0, 3), "recall 3 of t0[0-3] from m0");
  EXPECT_EQ(kill(farm, 0, 4), "kill m0: cancelled");
}

TEST(CancelKill, counts_what_runs) {
  Farm farm(prefetch(0));
  farm.join(0), farm.join(1), farm.submit_range(0, 2, 1), farm.start(0, 0), farm.start(1, {0, 1});
  EXPECT_EQ(kill(farm, 0, 1), "kill m1: cancelled");
}

TEST(CancelKill, who_is_killed_takes_nothing_else_along) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_all(0, 1), farm.start(0, 0);
  kill(farm, 0), farm.finish(0, 0), farm.start(0, 1);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(0), "deal t1 to m0") << "it ran, but was not to blame";
}

TEST(CancelKill, an_agent_is_told_that_nobody_wants_it) {
  Farm farm;
  farm.join_agent(0, 2);
  farm.submit_range(0, 2, 2);
  EXPECT_EQ(kill(farm, 0), "recall t0[0-1] from m0, unwanted");
  EXPECT_EQ(kill(farm, 0), "");
  EXPECT_EQ(farm.counts(), "2 recalling");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.give_back(0, 0, 1), "give up t0: cancelled after 1");
  EXPECT_EQ(farm.finish(0, {0, 1}), "deliver t0[1]");
}

TEST(CancelKill, an_agent_is_told_so_even_during_a_recall) {
  Farm farm(prefetch(9));
  farm.join_agent(0, 1), farm.submit_range(0, 4, 4);
  EXPECT_EQ(farm.join(1), "recall 2 of t0[0-3] from m0");
  EXPECT_EQ(kill(farm, 0), "recall t0[0-3] from m0, unwanted");
  EXPECT_EQ(farm.give_back(0, {0, 2, 2}), "give up t0[2-3]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.give_back(0, {0, 0, 2}, 1), "give up t0[0-1]: cancelled after 1");
}

}  // namespace
}  // namespace acre::schedule

// Speculation: idle workers repeat the oldest running tasks; exactly one result counts.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 runs t0 since the time 0, m1 runs t1 since 10 ms, a task takes 100 ms; then m2 joins, idle.
Farm two_running(std::uint32_t max_attempts = 1) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.join(1), farm.submit_all(0, 1, max_attempts);
  EXPECT_EQ(farm.deals.back().member, member(1));
  farm.start(0, 0);
  farm.pass(milliseconds(10));
  farm.start(1, 1);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never()) << "nobody is idle";
  EXPECT_EQ(farm.join(2), "");
  return farm;
}

/// The same, and m2 has begun to repeat t0.
Farm one_repeated(std::uint32_t max_attempts = 1) {
  Farm farm = two_running(max_attempts);
  EXPECT_EQ(farm.pass(milliseconds(290)), "deal t0 to m2");
  farm.start(2, 0);
  return farm;
}

TEST(Speculation, the_oldest_first_each_once) {
  Farm farm = two_running();
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant{} + milliseconds(300));
  EXPECT_EQ(farm.pass(milliseconds(289)), "");
  EXPECT_EQ(farm.pass(milliseconds(1)), "deal t0 to m2");
  EXPECT_EQ(farm.join(3), "");
  EXPECT_EQ(farm.pass(milliseconds(10)), "deal t1 to m3");
  EXPECT_EQ(farm.join(4), "");
  EXPECT_EQ(farm.pass(seconds(9)), "");
  EXPECT_EQ(farm.counts(), "2 running");
}

TEST(Speculation, several_at_once_if_several_are_idle) {
  Farm farm = two_running();
  farm.join(3);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m2, deal t1 to m3");
}

TEST(Speculation, never_unless_asked_for) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit(9), farm.finish(0, 9);
  farm.submit(0), farm.start(0, 0), farm.join(1);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
  EXPECT_EQ(farm.pass(seconds(9)), "");
}

TEST(Speculation, not_before_any_task_has_told_its_time) {
  Farm farm(repeating());
  farm.join(0), farm.submit(0), farm.start(0, 0), farm.join(1);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
  EXPECT_EQ(farm.pass(seconds(9)), "");
}

TEST(Speculation, not_on_the_same_member) {
  Farm farm(repeating());
  farm.join_agent(0, 2), farm.submit(9), farm.finish(0, 9), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
  EXPECT_EQ(farm.pass(seconds(9)), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1");
}

TEST(Speculation, the_original_wins) {
  Farm farm = one_repeated();
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, kill m2: cancelled, deal t1 to m0");
  EXPECT_EQ(farm.finish(2, 0), "");
  EXPECT_EQ(farm.lose(2), "");
  EXPECT_EQ(farm.counts(), "1 running");
}

TEST(Speculation, the_copy_wins) {
  Farm farm = one_repeated();
  EXPECT_EQ(farm.finish(2, 0), "deliver t0, kill m0: cancelled, deal t1 to m2");
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.lose(0), "");
}

TEST(Speculation, a_copy_that_has_not_begun_is_taken_back) {
  Farm farm = two_running();
  EXPECT_EQ(farm.pass(milliseconds(290)), "deal t0 to m2");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, recall t0 from m2, unwanted, deal t1 to m0")
      << "m0 is idle, t1 is due";
}

TEST(Speculation, an_unwanted_copy_keeps_its_worker_busy_until_it_is_back) {
  Farm farm = two_running();
  farm.pass(milliseconds(290));
  farm.cancel(1);
  farm.finish(1, 1);
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, recall t0 from m2, unwanted");
  EXPECT_EQ(farm.submit_all(2, 4), "deal t2 to m0, deal t3 to m1");
  EXPECT_EQ(farm.give_back(2, 0), "deal t4 to m2");
}

TEST(Speculation, an_unwanted_copy_that_begins_after_all_is_killed) {
  for (const bool told : {false, true}) {
    Farm farm = two_running();
    farm.pass(milliseconds(290));
    farm.finish(1, 1), farm.finish(0, 0);
    EXPECT_EQ(told ? farm.start(2, 0) : farm.keep(2, 0), "kill m2: cancelled");
    EXPECT_EQ(farm.scheduler.running(member(2)), std::nullopt);
    EXPECT_EQ(farm.lose(2), "");
  }
}

TEST(Speculation, an_unwanted_copy_that_ends_is_over) {
  for (const bool failed : {false, true}) {
    Farm farm = two_running();
    farm.pass(milliseconds(290));
    farm.finish(1, 1), farm.finish(0, 0);
    EXPECT_EQ(failed ? farm.fail(2, 0, true) : farm.finish(2, 0), "");
    EXPECT_TRUE(farm.scheduler.idle());
    EXPECT_EQ(farm.submit_all(2, 4), "deal t2 to m2, deal t3 to m0, deal t4 to m1");
  }
}

TEST(Speculation, the_loss_of_a_copy_does_not_count) {
  Farm farm = one_repeated();
  EXPECT_EQ(farm.lose(2), "");
  EXPECT_EQ(farm.join(3), "deal t0 to m3") << "the oldest again";
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, recall t0 from m3, unwanted, deal t1 to m0");
}

TEST(Speculation, the_loss_of_the_original_leaves_the_copy) {
  Farm farm = one_repeated(2);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.counts(), "2 running");
  EXPECT_EQ(farm.scheduler.running(member(2))->task, task(0));
  EXPECT_EQ(farm.lose(2), "give up t0: worker lost after 2") << "which was the second attempt then";
}

TEST(Speculation, wherever_in_its_range_the_original_was) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_range(0, 8, 2, 2), farm.finish(0, {0, 0, 2}, milliseconds(100));
  farm.start(0, {0, 2}), farm.finish(0, {0, 2}, milliseconds(100));
  farm.step(CancelRequested{.task = task(0), .count = 4});
  farm.join(1);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[3] to m1");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.fail(1, {0, 3}, true), "deliver t0[3]") << "the second of two attempts";
}

TEST(Speculation, a_strike_of_the_original_is_kept) {
  Farm farm = one_repeated(9);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.lose(2), "");
  EXPECT_EQ(farm.join(2), "deal t0 to m2 #3");
  farm.start(2, 0);
  EXPECT_EQ(farm.lose(2), "give up t0: quarantined after 3");
}

TEST(Speculation, earlier_strikes_are_the_copys_too) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit(0, 9), farm.start(0, 0), farm.lose(0);
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #2");
  farm.start(0, 0), farm.join(1);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1 #2");
  farm.start(1, 0), farm.lose(0);
  EXPECT_EQ(farm.lose(1), "give up t0: quarantined after 3");
}

TEST(Speculation, a_blameless_loss_of_the_original_is_none) {
  Farm farm = one_repeated(2);
  EXPECT_EQ(farm.lose(0, true), "");
  EXPECT_EQ(farm.lose(2), "");
  EXPECT_EQ(farm.counts(), "1 ready, 1 running");
}

TEST(Speculation, a_copy_that_became_the_original_is_repeated_in_turn) {
  Farm farm = one_repeated(9);
  farm.lose(0), farm.join(0);
  farm.finish(1, 1, milliseconds(100));
  EXPECT_EQ(farm.pass(milliseconds(300)), "deal t0 to m1 #2");
}

TEST(Speculation, a_copy_fails_for_good) {
  Farm farm = one_repeated();
  EXPECT_EQ(farm.fail(2, 0), "deliver t0, kill m0: cancelled");
}

TEST(Speculation, a_copy_that_fails_to_be_tried_again_just_goes) {
  Farm farm = one_repeated(2);
  EXPECT_EQ(farm.fail(2, 0, true), "deal t0 to m2") << "and comes again, being the oldest";
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, recall t0 from m2, unwanted, deal t1 to m0");
}

TEST(Speculation, the_last_attempt_of_a_copy_is_the_tasks_last) {
  Farm farm = one_repeated(1);
  EXPECT_EQ(farm.fail(2, 0, true), "deliver t0, kill m0: cancelled");
}

TEST(Speculation, the_original_fails_to_be_tried_again_and_the_copy_is_that) {
  Farm farm = one_repeated(2);
  EXPECT_EQ(farm.fail(0, 0, true), "");
  EXPECT_EQ(farm.fail(2, 0, true), "deliver t0");
}

TEST(Speculation, a_copy_given_back_leaves_the_original) {
  Farm farm = two_running();
  farm.pass(milliseconds(290));
  EXPECT_EQ(farm.keep(2, 0), "") << "nobody asked";
  EXPECT_EQ(farm.give_back(2, 0), "deal t0 to m2") << "nor for this";
  EXPECT_EQ(farm.counts(), "2 running");
}

TEST(Speculation, not_while_anything_else_is_to_be_done) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_range(0, 3, 3), farm.start(0, 0);
  farm.pass(seconds(1));
  EXPECT_EQ(farm.join(1), "recall 1 of t0[0-2] from m0");
  EXPECT_EQ(farm.pass(seconds(1)), "");
  EXPECT_EQ(farm.give_back(0, {0, 2}), "deal t0[2] to m1");
}

TEST(Speculation, not_after_a_drain_nor_what_would_not_end_before_it) {
  Farm farm = two_running();
  farm.drain(Instant{} + milliseconds(350));
  EXPECT_EQ(farm.pass(milliseconds(295)), "");
  farm = two_running();
  farm.drain(Instant{} + milliseconds(400));
  EXPECT_EQ(farm.pass(milliseconds(290)), "deal t0 to m2");
  farm = two_running();
  farm.drain();
  EXPECT_EQ(farm.pass(milliseconds(290)), "");
}

TEST(Speculation, not_what_was_cancelled) {
  Farm farm = two_running();
  farm.step(CancelRequested{.task = task(0), .kill = true});
  EXPECT_EQ(farm.pass(milliseconds(300)), "deal t1 to m2");
}

TEST(Speculation, a_cancel_ends_the_copy_too) {
  Farm farm = one_repeated(9);
  EXPECT_EQ(farm.cancel(0), "") << "both run";
  EXPECT_EQ(farm.step(CancelRequested{.task = task(0), .kill = true}),
            "kill m2: cancelled, kill m0: cancelled");
  EXPECT_EQ(farm.lose(2), "");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1");
}

TEST(Speculation, a_copy_that_became_the_original_is_called_back_by_a_drain) {
  Farm farm = two_running(9);
  farm.pass(milliseconds(290));
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.lose(0), "recall t0 from m2");
  EXPECT_EQ(farm.give_back(2, 0), "give up t0: drained after 1");
}

TEST(Speculation, a_copy_that_became_the_original_is_as_cancelled_as_that) {
  Farm farm = two_running(9);
  farm.pass(milliseconds(290));
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.lose(0), "recall t0 from m2");
  EXPECT_EQ(farm.keep(2, 0), "");
  EXPECT_EQ(farm.lose(2), "give up t0: cancelled after 2");
}

TEST(Speculation, members_retire_although_a_copy_is_not_back) {
  Farm farm = two_running();
  farm.pass(milliseconds(290));
  farm.finish(1, 1), farm.drain();
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, recall t0 from m2, unwanted, retire m0, retire m1, retire m2");
  EXPECT_EQ(farm.give_back(2, 0), "");
}

TEST(Speculation, a_worker_that_runs_what_has_ended_elsewhere_is_killed) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_range(0, 2, 2, 2), farm.start(0, 0), farm.join_agent(1, 1);
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0, kill m0: cancelled");
  EXPECT_EQ(farm.lose(0), "deal t0[1] to m1") << "which never began";
}

TEST(Speculation, a_worker_killed_for_the_time_of_what_has_ended_elsewhere_strikes_nothing) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.step(Submitted{.task = task(0), .count = 2, .chunk = 2, .timeout = seconds(1)});
  farm.start(0, 0), farm.join_agent(1, 1);
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.pass(milliseconds(500)), "deal t0 to m1");
  EXPECT_EQ(farm.pass(milliseconds(502)), "kill m0: timed out");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
  EXPECT_EQ(farm.lose(0), "deal t0[1] to m1");
}

TEST(Speculation, not_what_is_being_recalled) {
  Farm farm(repeating());
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_range(0, 3, 3), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall 1 of t0[0-2] from m0");
  farm.finish(0, {0, 0, 2}), farm.join(2);
  EXPECT_EQ(farm.pass(seconds(1)), "");
  EXPECT_EQ(farm.give_back(0, {0, 2}), "deal t0[2] to m0");
}

TEST(Speculation, a_failure_is_no_strike_for_the_copy) {
  Policy policy = repeating();
  policy.max_strikes = 1;
  Farm farm(policy);
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit(0, 9), farm.start(0, 0), farm.join(1);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.fail(0, 0, true), "");
  EXPECT_EQ(farm.lose(1), "deal t0 to m0 #2");
}

TEST(Speculation, a_copy_without_attempts_left_is_given_up_with_its_member) {
  Farm farm = one_repeated(1);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.lose(2, true), "give up t0: worker lost after 1");
}

TEST(Speculation, in_the_order_of_their_age) {
  Farm farm(repeating());
  farm.join(9), farm.submit(9), farm.finish(9, 9, milliseconds(100)), farm.lose(9);
  for (std::uint32_t m = 0; m < 5; ++m)
    farm.join(m), farm.submit(m), farm.start(m, m), farm.pass(milliseconds(1));
  farm.now = farm.now + seconds(1);
  EXPECT_EQ(farm.join(5), "deal t0 to m5");
  EXPECT_EQ(farm.join(6), "deal t1 to m6");
  EXPECT_EQ(farm.join(7), "deal t2 to m7");
  // The first three have copies; they lose them in another order.
  farm.lose(6), farm.lose(7), farm.lose(5);
  EXPECT_EQ(farm.join(5), "deal t0 to m5");
  EXPECT_EQ(farm.join(6), "deal t1 to m6");
  EXPECT_EQ(farm.join(7), "deal t2 to m7");
  EXPECT_EQ(farm.join(8), "deal t3 to m8");
}

}  // namespace
}  // namespace acre::schedule

// Failures: retries, limits, strikes, backoff, and workers that get nowhere.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

TEST(Failure, a_running_task_uses_up_an_attempt) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1 #2");
  farm.start(1, 0);
  EXPECT_EQ(farm.lose(1), "give up t0: worker lost after 2");
}

TEST(Failure, held_and_recalling_tasks_use_up_none) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 4, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t4 from m0, recall t3 from m0");
  EXPECT_EQ(farm.lose(1), "");
  EXPECT_EQ(farm.lose(0), "");
  farm.submit(5);
  EXPECT_EQ(farm.join(2),
            "deal t0 to m2 #2, deal t4 to m2, deal t3 to m2, deal t1 to m2, deal t2 to m2, deal t5 to m2");
}

TEST(Failure, the_last_allowed_attempt_is_the_last) {
  Farm farm;
  farm.join(0), farm.submit(0, 1), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 1");
  EXPECT_TRUE(farm.scheduler.idle());
}

TEST(Failure, a_blameless_loss_uses_up_none) {
  Farm farm;
  farm.join(0), farm.submit(0, 1), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0, true), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1");
}

TEST(Failure, a_failure_is_final) {
  Farm farm;
  farm.join(0), farm.submit(0, 9), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0), "deliver t0");
}

TEST(Failure, unless_it_is_to_be_tried_again) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit(0, 2), farm.submit(1), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deal t0 to m0 #2");
  EXPECT_EQ(farm.fail(0, 0, true), "deliver t0, deal t1 to m0");
}

TEST(Failure, losses_and_failures_share_the_attempts) {
  Farm farm;
  farm.join(0), farm.submit(0, 3), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deal t0 to m0 #2");
  farm.start(0, 0), farm.lose(0);
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #3");
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 3");
}

TEST(Failure, attempts_lost_before_count) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.step(Submitted{.task = task(0), .max_attempts = 3, .used = 2}), "deal t0 to m0 #3");
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: worker lost after 3");
}

TEST(Failure, so_many_attempts_as_fit_are_allowed) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.step(Submitted{.task = task(0), .max_attempts = 0xffffffff, .used = 0x10000}),
            "deal t0 to m0 #65536");
  farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deliver t0");
}

TEST(Failure, a_task_that_kills_workers_is_quarantined) {
  Farm farm({.max_strikes = 2});
  farm.join(0), farm.submit(0, 9), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deal t0 to m0 #2") << "no strike";
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #3");
  EXPECT_EQ(farm.lose(0), "") << "it had not started";
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #3");
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: quarantined after 3");
}

TEST(Failure, strikes_stay_with_their_task) {
  Farm farm({.prefetch_min = 9, .max_strikes = 2});
  farm.join(0), farm.submit_range(0, 3, 3, 9), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0[1-2] to m1, deal t0 to m1 #2");
  farm.start(1, {0, 1});
  EXPECT_EQ(farm.lose(1), "");
  EXPECT_EQ(farm.join(2), "deal t0[2] to m2, deal t0[1] to m2 #2, deal t0 to m2 #2");
  farm.start(2, {0, 1});
  EXPECT_EQ(farm.lose(2), "give up t0[1]: quarantined after 2");
}

TEST(Failure, strikes_at_an_agent_count) {
  Farm farm({.max_strikes = 2});
  farm.join_agent(0, 1);
  farm.submit(0, 9);
  farm.give_back(0, 0, 1);
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: quarantined after 2");
}

TEST(Failure, strikes_before_the_submit_count) {
  Farm farm({.max_strikes = 2});
  farm.join(0);
  farm.step(Submitted{.task = task(0), .max_attempts = 9, .used = 1, .strikes = 1});
  farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "give up t0: quarantined after 2");
}

TEST(Backoff, is_doubled_with_each_attempt_up_to_a_minute) {
  Farm farm({.backoff = seconds(9)});
  farm.join(0), farm.submit(0, 99);
  for (const seconds wait : {seconds(9), seconds(18), seconds(36), seconds(60), seconds(60)}) {
    EXPECT_EQ(farm.fail(0, 0, true), "");
    EXPECT_EQ(farm.counts(), "1 delayed");
    EXPECT_EQ(farm.pass(wait - milliseconds(1)), "");
    EXPECT_NE(farm.pass(milliseconds(3)), "") << wait.count();
  }
}

TEST(Backoff, is_when_to_wake) {
  Farm farm({.backoff = milliseconds(100)});
  farm.join(0), farm.submit(0, 9);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
  farm.fail(0, 0, true);
  EXPECT_GE(farm.scheduler.next_deadline(), farm.now);
  for (int i = 0; i < 10 && farm.counts() == "1 delayed"; ++i) {
    farm.now = farm.scheduler.next_deadline();
    farm.step(Tick{});
  }
  EXPECT_EQ(farm.counts(), "1 held");
  EXPECT_GE(farm.now, Instant{} + milliseconds(100));
  EXPECT_LE(farm.now, Instant{} + milliseconds(102));
}

TEST(Backoff, others_go_on_meanwhile) {
  Farm farm({.prefetch_min = 0, .backoff = seconds(1)});
  farm.join(0), farm.submit_all(0, 1, 9), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deal t1 to m0");
  EXPECT_EQ(farm.pass(seconds(2)), "");
  EXPECT_EQ(farm.finish(0, 1), "deliver t1, deal t0 to m0 #2");
}

TEST(Backoff, not_for_what_was_only_held) {
  Farm farm({.prefetch_min = 1, .backoff = seconds(1)});
  farm.join(0), farm.submit_all(0, 1, 9), farm.start(0, 0);
  farm.lose(0);
  EXPECT_EQ(farm.counts(), "1 ready, 1 delayed");
}

TEST(Backoff, what_waits_can_be_cancelled) {
  Farm farm({.backoff = seconds(1)});
  farm.join(0), farm.submit(0, 9), farm.fail(0, 0, true);
  EXPECT_EQ(farm.cancel(0), "give up t0: cancelled after 1");
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
}

TEST(Breaker, workers_that_die_before_they_join) {
  Farm farm({.max_unborn = 3});
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "break");
  EXPECT_EQ(farm.step(MemberUnborn{}), "") << "said once";
}

TEST(Breaker, one_that_joins_proves_that_workers_can) {
  Farm farm({.max_unborn = 2});
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  farm.join(0), farm.lose(0);
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "break");
}

TEST(Breaker, not_for_a_few_that_cannot_start_while_another_works) {
  Farm farm({.max_unborn = 2, .max_fruitless = 4});
  farm.join(0);
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "break") << "they are too many";
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
}

TEST(Breaker, only_those_count_that_leave_nobody_to_work) {
  Farm farm({.max_unborn = 2, .max_fruitless = 9});
  farm.join(0);
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "");
  EXPECT_EQ(farm.step(MemberUnborn{}), "break");
}

TEST(Breaker, workers_that_die_while_they_run_nothing) {
  Farm farm({.max_fruitless = 2});
  farm.submit(0, 9);
  farm.join(0), farm.lose(0);
  farm.join(0), farm.start(0, 0);
  EXPECT_EQ(farm.lose(0), "") << "it ran something";
  farm.join(0);
  EXPECT_EQ(farm.lose(0), "break");
  farm.join(0);
  EXPECT_EQ(farm.lose(0), "");
}

TEST(Breaker, any_outcome_proves_that_workers_get_somewhere) {
  Farm farm({.max_fruitless = 2});
  farm.submit_all(0, 1);
  farm.join(0), farm.lose(0);
  farm.join(0), farm.finish(0, 0);
  EXPECT_EQ(farm.lose(0), "");
  farm.join(0), farm.fail(0, 1);
  EXPECT_EQ(farm.lose(0), "");
  farm.join(0);
  EXPECT_EQ(farm.lose(0), "break");
}

TEST(Breaker, not_for_blameless_losses_or_retired_members) {
  Farm farm({.max_fruitless = 1});
  farm.join(0);
  EXPECT_EQ(farm.lose(0, true), "");
  farm.join(0);
  EXPECT_EQ(farm.drain(), "retire m0");
  EXPECT_EQ(farm.lose(0), "");
}

TEST(Breaker, never_unless_asked_for) {
  Farm farm;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(farm.step(MemberUnborn{}), "");
    EXPECT_EQ(farm.join(0), "");
    EXPECT_EQ(farm.lose(0), "");
  }
}

}  // namespace
}  // namespace acre::schedule

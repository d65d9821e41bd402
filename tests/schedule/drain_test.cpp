// Draining: at once, or towards a deadline.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

constexpr Instant at(Duration time) { return Instant{} + time; }

TEST(Drain, nothing_more_is_started) {
  Farm farm(prefetch(1));
  farm.join(0), farm.submit_all(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.drain(), "give up t2: drained after 0, recall t1 from m0");
  EXPECT_TRUE(farm.scheduler.drained());
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.submit(3), "give up t3: drained after 0");
  EXPECT_EQ(farm.submit_range(4, 3), "give up t4[0-2]: drained after 0");
  EXPECT_EQ(farm.give_back(0, 1), "give up t1: drained after 0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0");
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.scheduler.counts().submitted, 7u);
}

TEST(Drain, a_task_that_had_started_finishes) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.drain(), "recall t0 from m0");
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0");
}

TEST(Drain, members_retire_when_all_is_done) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.join(2), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0, retire m1, retire m2");
}

TEST(Drain, a_lost_task_is_not_tried_again) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 1, 9), farm.start(0, 0), farm.start(1, 1);
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.lose(0), "give up t0: drained after 1");
  EXPECT_EQ(farm.fail(1, 1, true), "give up t1: drained after 1, retire m1");
}

TEST(Drain, cancelled_stays_cancelled) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.give_back(0, 0), "give up t0: cancelled after 0, retire m0");
}

TEST(Drain, what_waits_for_its_backoff_ends) {
  Farm farm({.backoff = seconds(1)});
  farm.join(0), farm.submit_all(0, 1, 9), farm.fail(0, 0, true);
  EXPECT_EQ(farm.drain(), "give up t0: drained after 1, recall t1 from m0");
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
}

TEST(Drain, ranges_and_chunks_end_whole) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 9, 3);
  farm.lose(0);
  farm.join_agent(1, 1);
  farm.start(1, 0);
  EXPECT_EQ(farm.drain(), "give up t0[3-8]: drained after 0, recall 2 of t0[0-2] from m1");
}

TEST(Drain, the_rest_follows_a_recall_that_is_under_way) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 8, 8);
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.give_back(0, {0, 4, 4}), "give up t0[4-7]: drained after 0");
  EXPECT_EQ(farm.keep(0, 0), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 0, 4}), "give up t0[0-3]: drained after 0, retire m0, retire m1");
}

/// m0 takes 100 ms for a task, is known for it, and holds t1 and t2 while it runs t0; t3 and t4 wait.
Farm approaching(Instant deadline) {
  Farm farm(prefetch(2, 1));
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_all(0, 4), farm.start(0, 0);
  EXPECT_EQ(farm.counts(), "2 ready, 2 held, 1 running");
  EXPECT_EQ(farm.drain(deadline), "");
  EXPECT_FALSE(farm.scheduler.drained());
  return farm;
}

TEST(DrainDeadline, until_then_all_goes_on) {
  Farm farm = approaching(at(seconds(1)));
  EXPECT_EQ(farm.finish(0, 0, milliseconds(100)), "deliver t0, deal t3 to m0");
  EXPECT_EQ(farm.submit(5), "");
}

TEST(DrainDeadline, what_is_held_comes_back_in_time) {
  Farm farm = approaching(at(seconds(1)));
  EXPECT_EQ(farm.scheduler.next_deadline(), at(milliseconds(900)));
  EXPECT_EQ(farm.pass(milliseconds(899)), "");
  EXPECT_EQ(farm.pass(milliseconds(1)), "recall t2 from m0, recall t1 from m0");
  EXPECT_EQ(farm.scheduler.next_deadline(), at(seconds(1)));
  EXPECT_EQ(farm.give_back(0, 2), "");
  EXPECT_EQ(farm.pass(milliseconds(1)),
            "give up t2: drained after 0, give up t3: drained after 0, give up t4: drained after 0");
  EXPECT_EQ(farm.give_back(0, 1), "give up t1: drained after 0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.pass(milliseconds(99)), "retire m0");
  EXPECT_TRUE(farm.scheduler.drained());
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
}

TEST(DrainDeadline, near_it_nothing_is_dealt_ahead) {
  Farm farm = approaching(at(seconds(1)));
  farm.pass(milliseconds(900));
  farm.give_back(0, 2);
  farm.give_back(0, 1);
  EXPECT_EQ(farm.counts(), "4 ready, 1 running");
  EXPECT_EQ(farm.finish(0, 0, milliseconds(100)), "deliver t0, deal t1 to m0");
}

TEST(DrainDeadline, what_takes_too_long_is_not_started) {
  Farm farm(prefetch(0));
  farm.drain(at(seconds(1)));
  EXPECT_EQ(farm.step(Submitted{.task = task(0), .expected = milliseconds(1001)}),
            "give up t0: drained after 0");
  EXPECT_EQ(farm.step(Submitted{.task = task(1), .count = 9, .expected = milliseconds(1001)}),
            "give up t1[0-8]: drained after 0");
  EXPECT_EQ(farm.step(Submitted{.task = task(2), .expected = milliseconds(1000)}), "");
  farm.join(0);
  EXPECT_EQ(farm.deals.size(), 1u);
}

TEST(DrainDeadline, time_passes_also_between_two_deals) {
  Farm farm(prefetch(0));
  farm.drain(at(seconds(1)));
  farm.step(Submitted{.task = task(0), .count = 2, .chunk = 1, .expected = milliseconds(800)});
  EXPECT_EQ(farm.join(0), "deal t0 to m0");
  farm.now = at(milliseconds(300));
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, give up t0[1]: drained after 0");
}

TEST(DrainDeadline, shorter_tasks_behind_a_long_one_still_run) {
  Farm farm(prefetch(0));
  farm.step(Submitted{.task = task(0), .expected = seconds(9)});
  farm.step(Submitted{.task = task(1), .expected = milliseconds(1)});
  EXPECT_EQ(farm.drain(at(seconds(1))), "give up t0: drained after 0");
  EXPECT_EQ(farm.join(0), "deal t1 to m0");
}

TEST(DrainDeadline, the_earliest_counts) {
  Farm farm = approaching(at(seconds(1)));
  EXPECT_EQ(farm.drain(at(seconds(2))), "");
  EXPECT_EQ(farm.drain(at(milliseconds(500))), "");
  EXPECT_EQ(farm.pass(milliseconds(400)), "recall t2 from m0, recall t1 from m0");
  EXPECT_EQ(farm.drain(at(milliseconds(400))), "give up t3: drained after 0, give up t4: drained after 0");
}

TEST(DrainDeadline, a_recall_under_way_is_followed_by_the_rest) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.submit_range(0, 8, 8), farm.start(0, 0), farm.drain(at(seconds(1)));
  EXPECT_EQ(farm.join(1), "recall 4 of t0[0-7] from m0");
  EXPECT_EQ(farm.pass(milliseconds(950)), "");
  EXPECT_EQ(farm.give_back(0, {0, 4, 4}), "give up t0[4-7]: drained after 0");
  EXPECT_EQ(farm.keep(0, 0), "recall 3 of t0[0-7] from m0");
}

TEST(DrainDeadline, with_nothing_to_do_it_closes_then) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.drain(at(seconds(1))), "");
  EXPECT_EQ(farm.scheduler.next_deadline(), at(seconds(1)));
  EXPECT_EQ(farm.pass(seconds(1)), "retire m0");
}

}  // namespace
}  // namespace acre::schedule

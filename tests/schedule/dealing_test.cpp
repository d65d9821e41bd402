// Dealing: who gets which task, when, and how many ahead of need.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Dealing, a_task_goes_to_the_member_that_is_there) {
  Farm farm;
  EXPECT_EQ(farm.join(0), "");
  EXPECT_EQ(farm.submit(0), "deal t0 to m0");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

TEST(Dealing, tasks_wait_for_a_member) {
  Farm farm;
  EXPECT_EQ(farm.submit_all(0, 2), "");
  EXPECT_EQ(farm.join(0), "deal t0 to m0, deal t1 to m0");
}

TEST(Dealing, actions_are_appended) {
  Scheduler scheduler;
  Actions actions{Retire{member(9)}};
  scheduler.step(Instant{}, MemberJoined{member(0)}, actions);
  scheduler.step(Instant{}, Submitted{task(0)}, actions);
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(std::visit(Words{}, actions[0]), "retire m9");
  EXPECT_EQ(std::visit(Words{}, actions[1]), "deal t0 to m0");
}

TEST(Dealing, the_least_loaded_member_is_served_first) {
  Farm farm(prefetch(0));
  farm.join(0, 2), farm.join(1, 2);
  EXPECT_EQ(farm.submit_all(0, 3), "deal t0 to m0, deal t1 to m1, deal t2 to m0, deal t3 to m1");
}

TEST(Dealing, load_is_counted_per_worker) {
  Farm farm(prefetch(0));
  farm.join(0, 1), farm.join(1, 3);
  EXPECT_EQ(farm.submit_all(0, 4), "deal t0 to m0, deal t1 to m1, deal t2 to m1, deal t3 to m1");
}

TEST(Dealing, idle_workers_come_before_prefetching) {
  Farm farm(prefetch(5));
  farm.join(0);
  EXPECT_EQ(farm.submit_all(0, 2), "deal t0 to m0, deal t1 to m0, deal t2 to m0");
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.submit(3), "deal t3 to m1");
}

TEST(Dealing, unknown_task_times_mean_the_least_prefetch) {
  Farm farm;
  farm.join(0, 2);
  EXPECT_EQ(farm.submit_all(0, 3), "deal t0 to m0, deal t1 to m0, deal t2 to m0");
  EXPECT_EQ(farm.scheduler.counts().ready, 1u);
}

TEST(Dealing, prefetch_covers_the_target_time) {
  Farm farm({.prefetch_target = milliseconds(4)});
  farm.join(0);
  farm.submit_all(0, 19);
  // 4 ms of 1.1 ms tasks: four ahead. One is held, three are needed, and the share is half of 18.
  EXPECT_EQ(farm.finish(0, 0, microseconds(1100)),
            "deliver t0, deal t2 to m0, deal t3 to m0, deal t4 to m0, deal t5 to m0");
}

TEST(Dealing, prefetch_has_a_least_and_a_most) {
  Farm farm({.prefetch_target = milliseconds(4), .prefetch_min = 2, .prefetch_max = 3});
  farm.join(0);
  EXPECT_EQ(farm.submit_all(0, 19), "deal t0 to m0, deal t1 to m0");
  EXPECT_EQ(farm.finish(0, 0, Duration(0)), "deliver t0, deal t2 to m0, deal t3 to m0, deal t4 to m0");
  EXPECT_EQ(farm.finish(0, 1, seconds(1000)), "deliver t1");
  EXPECT_EQ(farm.finish(0, 2, seconds(1000)), "deliver t2");
  EXPECT_EQ(farm.finish(0, 3, seconds(1000)), "deliver t3, deal t5 to m0, deal t6 to m0");
}

TEST(Dealing, refills_come_in_bunches_at_low_water) {
  Farm farm(prefetch(4));
  farm.submit_all(0, 19);
  EXPECT_EQ(farm.join(0), "deal t0 to m0, deal t1 to m0, deal t2 to m0, deal t3 to m0, deal t4 to m0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2, deal t5 to m0, deal t6 to m0, deal t7 to m0");
}

TEST(Dealing, an_idle_worker_is_served_above_low_water) {
  Farm farm(prefetch(4, 0.0));
  farm.submit_all(0, 19);
  farm.join(0);
  farm.finish(0, 0), farm.finish(0, 1), farm.finish(0, 2);
  EXPECT_EQ(farm.finish(0, 3), "deliver t3");
  EXPECT_EQ(farm.finish(0, 4),
            "deliver t4, deal t5 to m0, deal t6 to m0, deal t7 to m0, deal t8 to m0, deal t9 to m0");
}

TEST(Dealing, near_the_end_a_refill_is_half_a_members_share) {
  Farm farm(prefetch(100, 0.01));
  farm.submit_all(0, 15);
  // Of sixteen ready tasks half; the next refill comes when a worker has nothing.
  EXPECT_EQ(farm.join(0),
            "deal t0 to m0, deal t1 to m0, deal t2 to m0, deal t3 to m0, "
            "deal t4 to m0, deal t5 to m0, deal t6 to m0, deal t7 to m0");
  EXPECT_EQ(farm.join(1), "deal t8 to m1, deal t9 to m1");
  EXPECT_EQ(farm.finish(1, 8), "deliver t8, deal t10 to m1, deal t11 to m1");
}

TEST(Dealing, idle_workers_of_a_member_are_served_together) {
  Farm farm(prefetch(0));
  farm.join(2, 2), farm.submit_all(0, 1), farm.join(0, 2), farm.join(1, 2);
  EXPECT_EQ(farm.lose(2), "deal t0 to m0, deal t1 to m0");
}

TEST(Dealing, the_mean_task_time_moves_by_an_eighth) {
  Farm farm;
  farm.join(0, 2);
  farm.submit_all(0, 1);
  EXPECT_EQ(farm.scheduler.mean_task_time(), Duration(0));
  farm.finish(0, 0, microseconds(80));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(80));
  farm.finish(0, 1, microseconds(160));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(90));
}

TEST(Dealing, joining_again_changes_the_number_of_workers) {
  Farm farm(prefetch(0));
  farm.join(0);
  EXPECT_EQ(farm.submit_all(0, 3), "deal t0 to m0");
  EXPECT_EQ(farm.join(0, 3), "deal t1 to m0, deal t2 to m0");
  EXPECT_EQ(farm.scheduler.total_workers(), 3u);
  EXPECT_EQ(farm.join(0, 1), "");
  EXPECT_EQ(farm.scheduler.total_workers(), 1u);
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 1), "deliver t1");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2, deal t3 to m0");
}

TEST(Dealing, a_slot_is_used_again_and_stale_ids_are_ignored) {
  Farm farm;
  farm.join(0);
  farm.submit(0);
  farm.finish(0, 0);
  EXPECT_EQ(farm.step(Submitted{task(0, 1)}), "deal t0.1 to m0");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.scheduler.counts().held, 1u);
  EXPECT_EQ(farm.step(Finished{member(0), task(0, 1), milliseconds(1)}), "deliver t0.1");
}

TEST(Dealing, what_is_unknown_is_ignored) {
  Farm farm;
  EXPECT_EQ(farm.lose(3), "");
  EXPECT_EQ(farm.finish(3, 7), "");
  EXPECT_EQ(farm.cancel(7), "");
  EXPECT_EQ(farm.answer(3, 7, true), "");
  EXPECT_EQ(farm.step(Failed{member(3), task(7), milliseconds(1)}), "");
  EXPECT_EQ(farm.step(Tick{}), "");
  EXPECT_EQ(farm.scheduler.counts().submitted, 0u);
}

TEST(Dealing, counts_tell_where_tasks_are) {
  Farm farm(prefetch(3));
  farm.join(0);
  farm.submit_all(0, 7);
  farm.start(0, 0), farm.finish(0, 0), farm.start(0, 1), farm.cancel(2);
  const Counts counts = farm.scheduler.counts();
  EXPECT_EQ(counts.ready, 3u);
  EXPECT_EQ(counts.held, 2u);
  EXPECT_EQ(counts.recalling, 1u);
  EXPECT_EQ(counts.running, 1u);
  EXPECT_EQ(counts.ended, 1u);
  EXPECT_EQ(counts.submitted, 8u);
  EXPECT_FALSE(farm.scheduler.idle());
}

TEST(DealingDeath, misuse_is_a_bug) {
  EXPECT_DEATH(Farm().join(0, 0), "a member has workers");
  EXPECT_DEATH(Farm().submit_all(0, 0) + Farm({.low_water = 1.5}).join(0),
               "low water is a part of the target");
  EXPECT_DEATH(Farm({.prefetch_min = 9, .prefetch_max = 3}), "not above the most");
  Farm farm;
  farm.submit(0);
  EXPECT_DEATH(farm.step(Submitted{task(0, 1)}), "only once its task has ended");
}

}  // namespace
}  // namespace acre::schedule

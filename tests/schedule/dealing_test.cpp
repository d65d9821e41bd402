// Dealing: who gets which task, when, and how many ahead of need.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

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
  EXPECT_EQ(std::get<Retire>(actions[0]).member, member(9));
  EXPECT_EQ(std::get<Dispatch>(actions[1]).member, member(0));
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
  EXPECT_EQ(farm.counts(), "1 ready, 3 held");
}

TEST(Dealing, the_least_may_be_nothing) {
  Farm farm({.prefetch_min = 0});
  farm.join(0);
  EXPECT_EQ(farm.submit_all(0, 1), "deal t0 to m0");
}

TEST(Dealing, prefetch_covers_the_target_time) {
  Farm farm({.prefetch_target = milliseconds(4)});
  farm.join(0);
  farm.submit_all(0, 19);
  // 4 ms of 1.1 ms tasks: four ahead. One is held, four are lacking, and the share is half of 18.
  EXPECT_EQ(farm.finish(0, 0, microseconds(1100)),
            "deliver t0, deal t2 to m0, deal t3 to m0, deal t4 to m0, deal t5 to m0");
}

TEST(Dealing, prefetch_has_a_least_and_a_most) {
  Farm farm({.prefetch_target = milliseconds(4), .prefetch_min = 2, .prefetch_max = 3});
  farm.join(0);
  EXPECT_EQ(farm.submit_all(0, 19), "deal t0 to m0, deal t1 to m0");
  EXPECT_EQ(farm.finish(0, 0, Duration(1)), "deliver t0, deal t2 to m0, deal t3 to m0, deal t4 to m0");
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

TEST(Dealing, a_member_is_not_waited_for_until_it_has_nothing) {
  Farm farm(prefetch(4));
  farm.submit_all(0, 19);
  farm.join(0);
  farm.finish(0, 3), farm.finish(0, 4);
  EXPECT_EQ(farm.finish(0, 2), "deliver t2, deal t5 to m0, deal t6 to m0, deal t7 to m0")
      << "no batches: t0 and t1 still run";
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

TEST(Dealing, the_mean_task_time_is_that_of_the_last_32) {
  Farm farm(prefetch(100));
  farm.join(0);
  farm.submit_all(0, 39);
  EXPECT_EQ(farm.scheduler.mean_task_time(), Duration(0));
  farm.finish(0, 0, microseconds(80));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(80));
  farm.finish(0, 1, microseconds(160));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(120));
  for (std::uint32_t slot = 2; slot < 32; ++slot) farm.finish(0, slot, microseconds(120));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(120));
  farm.finish(0, 32, microseconds(120 + 64));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(122));
  farm.finish(0, 33, microseconds(122 + 32));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(123));
}

TEST(Dealing, tasks_that_finish_together_count_each) {
  Farm farm;
  farm.join(0);
  farm.submit_range(0, 64, 64);
  farm.finish(0, {0, 0, 1}, microseconds(100));
  farm.finish(0, {0, 1, 3}, microseconds(200));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(175));
  farm.finish(0, {0, 4, 60}, microseconds(300));
  EXPECT_EQ(farm.scheduler.mean_task_time(), microseconds(300));
}

TEST(Dealing, a_clock_that_went_back_takes_no_time) {
  Farm farm;
  farm.join(0);
  farm.submit(0);
  EXPECT_EQ(farm.finish(0, 0, -seconds(1)), "deliver t0");
  EXPECT_EQ(farm.scheduler.mean_task_time(), Duration(0));
}

TEST(Dealing, a_slot_is_used_again_and_stale_ids_are_ignored) {
  Farm farm;
  farm.join(0);
  farm.submit(0);
  farm.finish(0, 0);
  EXPECT_EQ(farm.step(Submitted{task(0, 1)}), "deal t0.1 to m0");
  const ChunkId first = farm.deals[0].chunk;
  EXPECT_NE(first, farm.deals[1].chunk);
  EXPECT_EQ(farm.step(Started{first}), "");
  EXPECT_EQ(farm.step(Finished{first}), "");
  EXPECT_EQ(farm.step(Failed{first}), "");
  EXPECT_EQ(farm.step(RecallAnswered{first, true}), "");
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.counts(), "1 held");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0.1");
}

TEST(Dealing, what_is_unknown_is_ignored) {
  Farm farm;
  const ChunkId unknown = make_chunk_id(7, 1);
  EXPECT_EQ(farm.lose(3), "");
  EXPECT_EQ(farm.cancel(7), "");
  EXPECT_EQ(farm.step(Started{unknown}), "");
  EXPECT_EQ(farm.step(Finished{unknown}), "");
  EXPECT_EQ(farm.step(Failed{unknown}), "");
  EXPECT_EQ(farm.step(RecallAnswered{unknown, true}), "");
  EXPECT_EQ(farm.step(RecallAnswered{unknown, false}), "");
  EXPECT_EQ(farm.step(Tick{}), "");
  EXPECT_EQ(farm.scheduler.counts().submitted, 0u);
  EXPECT_EQ(farm.scheduler.running(member(3)), std::nullopt);
  EXPECT_EQ(farm.scheduler.whereabouts(task(7), 0).has_value(), false);
}

TEST(Dealing, a_result_of_no_tasks_changes_nothing) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.step(Finished{.chunk = farm.deals[0].chunk, .count = 0}), "");
  EXPECT_EQ(farm.step(Finished{.chunk = farm.deals[0].chunk, .first = 1, .count = 0xffffffff}), "");
  EXPECT_EQ(farm.counts(), "1 held");
}

TEST(Dealing, results_need_no_start) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t2 from m0");
  EXPECT_EQ(farm.finish(0, 2), "deliver t2, recall t1 from m0");
  EXPECT_EQ(farm.fail(0, 1), "deliver t1");
}

TEST(Dealing, counts_tell_where_tasks_are) {
  Farm farm(prefetch(3));
  farm.join(0);
  farm.submit_all(0, 7);
  farm.start(0, 0), farm.finish(0, 0), farm.start(0, 1), farm.cancel(2);
  EXPECT_EQ(farm.counts(), "3 ready, 2 held, 1 recalling, 1 running");
  EXPECT_EQ(farm.scheduler.counts().ended, 1u);
  EXPECT_EQ(farm.scheduler.counts().submitted, 8u);
  EXPECT_FALSE(farm.scheduler.idle());
}

TEST(Dealing, memory_is_told) {
  Farm farm;
  const std::size_t empty = farm.scheduler.memory_bytes();
  farm.submit_all(0, 999);
  const std::size_t full = farm.scheduler.memory_bytes();
  EXPECT_GE(full, empty + 1000 * 72);
  EXPECT_LE(full, empty + 1100 * 80);
}

TEST(Dealing, memory_of_priorities_and_timers_is_told) {
  Farm farm;
  std::size_t before = farm.scheduler.memory_bytes();
  farm.step(Submitted{.task = task(0), .priority = 1, .timeout = seconds(1)});
  EXPECT_GE(farm.scheduler.memory_bytes(), before + 128 * 72 + 1024 * 24);
  before = farm.scheduler.memory_bytes();
  farm.join(0), farm.start(0, 0);
  EXPECT_GE(farm.scheduler.memory_bytes(), before + 8 * 64 * 12);
}

TEST(Dealing, memory_of_members_is_told) {
  Farm farm;
  const std::size_t empty = farm.scheduler.memory_bytes();
  for (std::uint32_t m = 0; m < 64; ++m) farm.join(m);
  const std::size_t full = farm.scheduler.memory_bytes();
  EXPECT_GE(full, empty + 64 * (64 + 12));
  EXPECT_LE(full, empty + 64 * (96 + 12));
}

TEST(DealingDeath, misuse_is_a_bug) {
  EXPECT_DEATH(Farm().join(0, 0), "a member has workers");
  EXPECT_DEATH(Farm().submit_range(0, 0), "a range has tasks");
  EXPECT_DEATH(Farm({.low_water = 1.5}), "low water is a part of the target");
  EXPECT_DEATH(Farm({.low_water = -0.5}), "low water is a part of the target");
  EXPECT_DEATH(Farm({.prefetch_min = 9, .prefetch_max = 3}), "not above the most");
  EXPECT_DEATH(Farm().step(Submitted{.task = task(0), .priority = 8}), "one of sixteen");
  Farm farm;
  farm.submit(0);
  EXPECT_DEATH(farm.step(Submitted{task(0, 1)}), "only once its tasks have ended");
}

TEST(Dealing, the_bounds_of_a_policy_are_allowed) {
  EXPECT_EQ(Farm({.low_water = 0, .prefetch_min = 3, .prefetch_max = 3}).counts(), "");
  EXPECT_EQ(Farm({.low_water = 1}).counts(), "");
}

}  // namespace
}  // namespace acre::schedule

// Ranges are dealt in chunks: how large, and what becomes of their parts.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// Two members hold a chunk or two each ahead of need; tasks of 100 us make a chunk of ten at most.
Policy short_ahead() {
  return {.prefetch_target = milliseconds(2), .chunk_target = milliseconds(1), .chunk_max = 16};
}

TEST(Chunks, single_tasks_until_their_time_is_known) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0 to m0, deal t0[1] to m0");
}

TEST(Chunks, a_few_results_are_not_believed_too_much) {
  Farm farm;
  farm.join(0);
  farm.submit_range(0, 1000);
  // Four for each that has ended, both ahead and in a chunk.
  EXPECT_EQ(farm.finish(0, 0, microseconds(1)), "deliver t0, deal t0[2-5] to m0");
  EXPECT_EQ(farm.finish(0, {0, 1}, microseconds(1)), "deliver t0[1], deal t0[6-10] to m0");
}

TEST(Chunks, bounded_by_time) {
  Farm farm(short_ahead());
  farm.join(0), farm.measure(0, microseconds(100));
  // One that runs and twenty ahead.
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0[0-9] to m0, deal t0[10-19] to m0, deal t0[20] to m0");
}

TEST(Chunks, bounded_by_count) {
  Farm farm(short_ahead());
  farm.join(0), farm.measure(0, microseconds(50));
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0[0-15] to m0, deal t0[16-31] to m0, deal t0[32-40] to m0");
}

TEST(Chunks, tasks_that_take_no_time_go_one_by_one) {
  Farm farm;
  farm.join(0), farm.measure(0, Duration(0));
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0 to m0, deal t0[1] to m0");
}

TEST(Chunks, of_the_quickest_tasks_are_worth_dealing_though_few_are_left) {
  Farm farm;
  farm.join(0), farm.measure(0, microseconds(2));
  EXPECT_EQ(farm.submit_range(0, 12), "deal t0[0-9] to m0, deal t0[10-11] to m0");
  Farm slower;
  slower.join(0), slower.measure(0, microseconds(21));
  EXPECT_EQ(slower.submit_range(0, 12),
            "deal t0[0-5] to m0, deal t0[6-8] to m0, deal t0[9-10] to m0, deal t0[11] to m0");
}

TEST(Chunks, long_tasks_go_one_by_one) {
  Farm farm(short_ahead());
  farm.join(0);
  farm.submit_range(0, 1000);
  EXPECT_EQ(farm.finish(0, 0, microseconds(700)),
            "deliver t0, deal t0[2] to m0, deal t0[3] to m0, deal t0[4] to m0");
}

TEST(Chunks, of_tasks_said_to_be_long_are_shorter) {
  Farm farm({.prefetch_max = 1, .chunk_target = milliseconds(1)});
  farm.join(0), farm.measure(0, microseconds(1));
  EXPECT_EQ(farm.step(Submitted{.task = task(0), .count = 100, .expected = microseconds(500)}),
            "deal t0[0-1] to m0, deal t0[2] to m0");
}

TEST(Chunks, as_large_as_workers_of_an_agent_need) {
  Farm farm({.prefetch_target = milliseconds(1), .chunk_target = milliseconds(1), .chunk_max = 16});
  farm.join_agent(0, 4), farm.measure(0, microseconds(100));
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0[0-39] to m0, deal t0[40-43] to m0");
}

TEST(Chunks, no_more_than_prefetch_max_ahead) {
  Farm farm({.prefetch_target = seconds(1), .prefetch_max = 2, .chunk_target = milliseconds(1)});
  farm.join(0), farm.measure(0, microseconds(100));
  // The task that runs, and two chunks' worth beyond.
  EXPECT_EQ(farm.submit_range(0, 1000), "deal t0[0-9] to m0, deal t0[10-19] to m0, deal t0[20] to m0");
}

TEST(Chunks, small_ones_behind_a_large_one_do_not_fill_queues) {
  Farm farm({.prefetch_min = 2, .prefetch_max = 2});
  farm.join(0), farm.submit_range(0, 20, 10), farm.submit_range(1, 50, 1);
  EXPECT_EQ(farm.counts(), "60 ready, 10 held");
  farm.finish(0, {0, 0, 9});
  farm.finish(0, {0, 9, 1});
  EXPECT_EQ(farm.counts(), "49 ready, 11 held");
}

TEST(Chunks, factoring_halves_what_is_left_down_to_single_tasks) {
  Farm farm({.prefetch_target = milliseconds(10), .low_water = 0, .chunk_target = seconds(1)});
  farm.join(0), farm.measure(0, microseconds(100)), farm.join(1);
  // A quarter of what is left is half a member's share.
  EXPECT_EQ(farm.submit_range(0, 64), "deal t0[0-15] to m0, deal t0[16-27] to m1");
  std::vector<std::uint32_t> counts;
  for (int i = 0; i < 9; ++i) {
    const Dispatch last = farm.deals.back();
    farm.finish(1, {0, last.first, last.count}, microseconds(100));
    counts.push_back(farm.deals.back().count);
  }
  EXPECT_EQ(counts, (std::vector<std::uint32_t>{9, 7, 5, 4, 3, 2, 2, 1, 1}));
}

TEST(Chunks, single_tasks_at_the_end_also_for_several_workers) {
  Farm farm;
  farm.join_agent(0, 4), farm.measure(0, microseconds(100)), farm.join_agent(1, 4);
  EXPECT_EQ(farm.submit_range(0, 2), "deal t0 to m0, deal t0[1] to m0");
}

TEST(Chunks, fixed_ones_on_request) {
  Farm farm(prefetch(0));
  farm.join(0);
  EXPECT_EQ(farm.submit_range(0, 10, 4), "deal t0[0-3] to m0");
  EXPECT_EQ(farm.submit_range(1, 2, 4), "");
  EXPECT_EQ(farm.finish(0, {0, 0, 4}), "deliver t0[0-3], deal t0[4-7] to m0");
  EXPECT_EQ(farm.finish(0, {0, 4, 4}), "deliver t0[4-7], deal t0[8-9] to m0");
  EXPECT_EQ(farm.finish(0, {0, 8, 2}), "deliver t0[8-9], deal t1[0-1] to m0");
}

TEST(Chunks, what_comes_back_is_dealt_before_fresh_tasks) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 12, 4);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0[0-3] to m1");
}

TEST(Chunks, what_comes_back_keeps_a_fixed_size) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 8, 8);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0[0-7] to m1");
}

TEST(Chunks, what_comes_back_is_split_if_it_is_too_large) {
  Farm farm(prefetch(9));
  farm.join_agent(0, 4), farm.measure(0, milliseconds(1));
  farm.submit_range(0, 16);
  EXPECT_EQ(farm.deal_of(0, 0).count, 8u);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1),
            "deal t0[0-1] to m1, deal t0[2-3] to m1, deal t0[4-5] to m1, deal t0[6-7] to m1, "
            "deal t0[8-9] to m1, deal t0[10-11] to m1");
}

TEST(Chunks, tasks_finish_one_by_one_in_any_order) {
  Farm farm;
  farm.join(0), farm.submit_range(0, 6, 6), farm.start(0, 0);
  EXPECT_EQ(farm.finish(0, {0, 2}), "deliver t0[2]");
  EXPECT_EQ(farm.finish(0, {0, 1, 3}), "deliver t0[1], deliver t0[3]") << "each task once";
  EXPECT_EQ(farm.counts(), "2 held, 1 running");
  EXPECT_EQ(farm.finish(0, {0, 2}), "");
  EXPECT_EQ(farm.finish(0, {0, 0, 6}), "deliver t0, deliver t0[4-5]");
  EXPECT_TRUE(farm.scheduler.idle());
}

TEST(Chunks, of_a_lost_one_only_the_running_task_is_struck) {
  Farm farm;
  farm.join(0), farm.submit_range(0, 6, 6, 2), farm.start(0, 0);
  farm.finish(0, {0, 0, 2});
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.counts(), "4 ready");
  EXPECT_EQ(farm.join(1), "deal t0[3-5] to m1, deal t0[2] to m1 #2");
  farm.start(1, {0, 2});
  EXPECT_EQ(farm.lose(1), "give up t0[2]: worker lost after 2");
  EXPECT_EQ(farm.join(2), "deal t0[3-5] to m2");
}

TEST(Chunks, what_had_ended_in_the_middle_stays_ended) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_range(0, 6, 6);
  farm.finish(0, {0, 1}), farm.finish(0, {0, 3});
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0[4-5] to m1, deal t0[2] to m1, deal t0 to m1");
}

TEST(Chunks, a_task_that_fails_leaves_its_chunk) {
  Farm farm(prefetch(9));
  farm.join(0), farm.submit_range(0, 4, 4, 2), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, {0, 1}, true), "deal t0[1] to m0 #2");
  EXPECT_EQ(farm.step(Failed{.chunk = farm.deals[0].chunk, .first = 1}), "") << "it is not there any more";
  EXPECT_EQ(farm.step(Failed{.chunk = farm.deals[0].chunk, .first = 0xffffffff}), "");
  EXPECT_EQ(farm.finish(0, {0, 1}), "deliver t0[1]");
  EXPECT_EQ(farm.step(Finished{.chunk = farm.deals[0].chunk, .first = 0, .count = 4}),
            "deliver t0, deliver t0[2-3]");
}

TEST(Chunks, of_more_than_64_tasks) {
  Farm farm;
  farm.join(0), farm.submit_range(0, 1000, 200, 2), farm.start(0, 0);
  EXPECT_EQ(farm.finish(0, {0, 60, 10}), "deliver t0[60-69]");
  EXPECT_EQ(farm.finish(0, {0, 63, 66}), "deliver t0[70-128]");
  EXPECT_EQ(farm.finish(0, {0, 0, 50}), "deliver t0[0-49]");
  EXPECT_EQ(farm.counts(), "800 ready, 80 held, 1 running");
  EXPECT_EQ(farm.scheduler.running(member(0))->place, 50u);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.counts(), "881 ready");
  EXPECT_EQ(farm.join(1), "deal t0[129-199] to m1");
  EXPECT_EQ(farm.finish(1, {0, 129, 71}),
            "deliver t0[129-199], deal t0[51-59] to m1, deal t0[50] to m1 #2, deal t0[200-399] to m1");
}

TEST(Chunks, a_range_larger_than_32_bits_of_work_is_no_more_than_its_chunks) {
  Farm farm;
  const std::size_t before = farm.scheduler.memory_bytes();
  farm.join(0), farm.submit_range(0, 0xffffffff, 1000);
  EXPECT_EQ(farm.counts(), "4294966295 ready, 1000 held");
  EXPECT_LT(farm.scheduler.memory_bytes(), before + 20000);
}

TEST(Chunks, where_a_task_is_can_be_asked) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 6, 3);
  farm.finish(0, {0, 0, 1});
  const auto where = [&](std::uint32_t place) { return farm.scheduler.whereabouts(task(0), place); };
  EXPECT_EQ(where(0).has_value(), false) << "it has ended";
  ASSERT_EQ(where(2).has_value(), true);
  EXPECT_EQ(where(2)->chunk, farm.deals[0].chunk);
  EXPECT_EQ(where(2)->place, 2u);
  EXPECT_EQ(where(4).has_value(), false) << "it waits";
  EXPECT_EQ(farm.scheduler.whereabouts(task(1), 0).has_value(), false);
}

TEST(Chunks, of_a_chunk_that_has_begun_the_first_task_without_an_outcome_runs) {
  Farm farm;
  farm.join(0), farm.submit_range(0, 3, 3);
  const auto begun = [&](std::uint32_t place) { return farm.scheduler.begun(task(0), place); };
  EXPECT_FALSE(begun(0));
  farm.start(0, {0, 0, 3});
  EXPECT_TRUE(begun(0));
  EXPECT_FALSE(begun(1));
  farm.finish(0, {0, 0, 1});
  EXPECT_FALSE(begun(0));
  EXPECT_TRUE(begun(1));
}

}  // namespace
}  // namespace acre::schedule

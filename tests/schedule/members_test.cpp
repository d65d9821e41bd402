// Members that join, change, leave, and are told to.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

TEST(Members, joining_again_changes_the_number_of_workers) {
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

TEST(Members, another_member_takes_over_at_once) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 1, 2), farm.start(0, 0), farm.start(1, 1);
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
  EXPECT_EQ(farm.finish(1, 1), "deliver t1");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
}

TEST(Members, a_lost_member_is_forgotten) {
  Farm farm;
  farm.join(0), farm.lose(0);
  EXPECT_EQ(farm.scheduler.total_workers(), 0u);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.submit(0), "");
  EXPECT_EQ(farm.join(0), "deal t0 to m0");
}

TEST(Members, late_results_of_a_lost_member_are_dropped) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  farm.lose(0);
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1 #2");
  EXPECT_EQ(farm.finish(0, 0), "");
  EXPECT_EQ(farm.fail(0, 0), "");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.counts(), "1 held");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
  EXPECT_EQ(farm.finish(0, 0), "");
}

TEST(Members, late_words_of_an_earlier_deal_to_the_same_member_are_dropped) {
  Farm farm;
  farm.join(0), farm.submit(0, 3), farm.start(0, 0);
  EXPECT_EQ(farm.fail(0, 0, true), "deal t0 to m0 #2");
  const ChunkId earlier = farm.deals[0].chunk;
  EXPECT_EQ(farm.step(Started{earlier}), "");
  EXPECT_EQ(farm.step(Finished{earlier}), "");
  EXPECT_EQ(farm.step(Failed{earlier}), "");
  EXPECT_EQ(farm.step(RecallAnswered{earlier, true}), "");
  EXPECT_EQ(farm.counts(), "1 held");
}

TEST(Members, the_answer_of_a_lost_member_is_ignored) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1, 2), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2, deal t1 to m1");
  EXPECT_EQ(farm.give_back(0, 1), "");
}

TEST(Members, what_a_member_runs_is_known) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_range(0, 10, 10), farm.submit(1);
  EXPECT_EQ(farm.scheduler.running(member(0)), std::nullopt);
  farm.start(0, 0), farm.finish(0, {0, 0, 3});
  const auto running = farm.scheduler.running(member(0));
  ASSERT_TRUE(running);
  EXPECT_EQ(running->task, task(0));
  EXPECT_EQ(running->place, 3u);
  farm.finish(0, {0, 3, 7});
  EXPECT_EQ(farm.scheduler.running(member(0)), std::nullopt);
  farm.start(0, 1);
  EXPECT_EQ(farm.scheduler.running(member(0))->task, task(1));
  farm.lose(0);
  EXPECT_EQ(farm.scheduler.running(member(0)), std::nullopt);
}

TEST(Members, a_late_start_of_an_earlier_chunk_is_believed) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1);
  farm.start(0, 0), farm.start(0, 1);
  EXPECT_EQ(farm.scheduler.running(member(0))->task, task(1));
  EXPECT_EQ(farm.start(0, 0), "") << "told twice";
  EXPECT_EQ(farm.scheduler.running(member(0))->task, task(1));
  farm.finish(0, 0);
  EXPECT_EQ(farm.scheduler.running(member(0))->task, task(1));
}

TEST(Members, retired_when_all_is_done_and_whoever_joins_later_too) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.drain(), "retire m0");
  EXPECT_EQ(farm.join(1), "retire m1");
  EXPECT_EQ(farm.join(1, 5), "");
  EXPECT_EQ(farm.lose(1), "");
  EXPECT_EQ(farm.join(1), "retire m1");
}

}  // namespace
}  // namespace acre::schedule

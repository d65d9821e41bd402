// Tasks that run too long: their worker is killed, and nobody else suffers.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 runs a range of `count` tasks, each allowed to run for a second.
Farm limited(std::uint32_t count = 1, std::uint32_t max_attempts = 1) {
  Farm farm(prefetch(9));
  farm.join(0);
  farm.step(Submitted{
      .task = task(0), .max_attempts = max_attempts, .count = count, .chunk = count, .timeout = seconds(1)});
  farm.start(0, 0);
  return farm;
}

TEST(Timeout, its_worker_is_killed) {
  Farm farm = limited();
  EXPECT_EQ(farm.pass(milliseconds(999)), "");
  EXPECT_EQ(farm.pass(milliseconds(3)), "kill m0: timed out");
  EXPECT_EQ(farm.pass(seconds(9)), "");
  EXPECT_EQ(farm.lose(0), "give up t0: timed out after 1");
}

TEST(Timeout, is_when_to_wake) {
  Farm farm = limited();
  for (int i = 0; i < 10; ++i) {
    EXPECT_GT(farm.scheduler.next_deadline(), farm.now);
    farm.now = farm.scheduler.next_deadline();
    if (farm.step(Tick{}) != "") break;
  }
  EXPECT_GE(farm.now, Instant{} + seconds(1));
  EXPECT_LE(farm.now, Instant{} + milliseconds(1002));
}

TEST(Timeout, counts_from_the_start) {
  Farm farm(prefetch(9));
  farm.join(0);
  farm.step(Submitted{.task = task(0), .timeout = seconds(1)});
  farm.step(Submitted{.task = task(1), .timeout = seconds(1)});
  EXPECT_EQ(farm.pass(seconds(5)), "") << "nobody said that it runs";
  farm.start(0, 0);
  EXPECT_EQ(farm.pass(milliseconds(900)), "");
  farm.finish(0, 0), farm.start(0, 1);
  EXPECT_EQ(farm.pass(milliseconds(900)), "");
  EXPECT_EQ(farm.pass(milliseconds(102)), "kill m0: timed out");
}

TEST(Timeout, is_that_of_each_task_of_a_chunk) {
  Farm farm = limited(5);
  farm.pass(milliseconds(900)), farm.finish(0, {0, 0, 2});
  EXPECT_EQ(farm.pass(milliseconds(900)), "");
  EXPECT_EQ(farm.pass(milliseconds(102)), "kill m0: timed out");
  EXPECT_EQ(farm.lose(0), "give up t0[2]: timed out after 1");
  EXPECT_EQ(farm.counts(), "2 ready");
}

TEST(Timeout, is_tried_again_like_any_lost_worker) {
  Farm farm = limited(1, 2);
  farm.pass(seconds(2));
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t0 to m1 #2");
  farm.start(1, 0);
  EXPECT_EQ(farm.lose(1), "give up t0: worker lost after 2");
}

TEST(Timeout, a_result_that_comes_first_counts) {
  Farm farm = limited();
  farm.pass(seconds(2));
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.submit(1), "") << "its worker is as good as dead";
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(0), "deal t1 to m0");
}

TEST(Timeout, what_the_worker_went_on_to_is_not_to_blame) {
  Farm farm = limited(2);
  farm.submit(1);
  farm.pass(seconds(2));
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
  EXPECT_EQ(farm.lose(0), "") << "t0[1] did not run too long";
  EXPECT_EQ(farm.join(1), "deal t0[1] to m1, deal t1 to m1");
  farm = limited();
  farm.submit(1);
  farm.pass(seconds(2)), farm.finish(0, 0), farm.start(0, 1);
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(1), "deal t1 to m1");
}

TEST(Timeout, a_doomed_worker_gets_and_gives_nothing) {
  Farm farm = limited();
  farm.submit_all(1, 3);
  EXPECT_EQ(farm.counts(), "3 held, 1 running");
  EXPECT_EQ(farm.pass(seconds(2)), "kill m0: timed out");
  EXPECT_EQ(farm.join(1), "");
  EXPECT_EQ(farm.submit(4), "deal t4 to m1");
  EXPECT_EQ(farm.join(0, 3), "") << "not even with more workers";
  EXPECT_EQ(farm.submit_all(5, 6), "deal t5 to m1, deal t6 to m1");
  EXPECT_EQ(farm.lose(0), "give up t0: timed out after 1, deal t1 to m1, deal t2 to m1, deal t3 to m1");
}

TEST(Timeout, a_doomed_worker_is_not_to_blame_for_more) {
  Farm farm = limited();
  farm.step(Submitted{.task = task(1), .timeout = seconds(1)});
  farm.pass(seconds(2)), farm.finish(0, 0), farm.start(0, 1);
  EXPECT_EQ(farm.pass(seconds(2)), "");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.counts(), "1 ready");
}

TEST(Timeout, none_unless_asked_for) {
  Farm farm;
  farm.join(0), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(farm.scheduler.next_deadline(), Instant::never());
  EXPECT_EQ(farm.pass(std::chrono::hours(1000)), "");
}

TEST(Timeout, a_timer_of_what_has_ended_hurts_nobody) {
  Farm farm = limited();
  farm.finish(0, 0);
  farm.submit(1), farm.start(0, 1);
  EXPECT_EQ(farm.pass(seconds(9)), "");
  farm.finish(0, 1);
  EXPECT_EQ(farm.pass(seconds(9)), "");
  farm = limited();
  farm.lose(0), farm.join(0), farm.submit(1), farm.start(0, 1);
  EXPECT_EQ(farm.pass(seconds(9)), "");
}

TEST(Timeout, an_agent_minds_them_itself) {
  Farm farm;
  farm.join_agent(0, 1);
  farm.step(Submitted{.task = task(0), .timeout = seconds(1)});
  farm.start(0, 0);
  EXPECT_EQ(farm.pass(seconds(9)), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

}  // namespace
}  // namespace acre::schedule

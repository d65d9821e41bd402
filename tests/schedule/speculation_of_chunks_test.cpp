// Speculation on chunks: what is repeated is the first of their tasks that has not ended.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// m0 runs a chunk of four and m1 is idle; a task takes 100 ms.
Farm chunk_running() {
  Farm farm(repeating());
  farm.join_agent(0, 4), farm.submit(9), farm.finish(0, 9, milliseconds(100));
  farm.step(Submitted{.task = task(0), .max_attempts = 9, .count = 4, .chunk = 4});
  farm.start(0, 0), farm.join(1);
  return farm;
}

TEST(SpeculationOfChunks, of_a_chunk_the_first_that_has_not_ended) {
  Farm farm = chunk_running();
  farm.finish(0, 0);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[1] to m1");
  EXPECT_EQ(farm.finish(0, {0, 2}), "deliver t0[2]");
  EXPECT_EQ(farm.finish(1, {0, 1}), "deliver t0[1]");
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[3] to m1");
  EXPECT_EQ(farm.finish(1, {0, 3}), "deliver t0[3], recall t0[0-3] from m0, unwanted");
  EXPECT_EQ(farm.scheduler.counts().ended, 5u);
  EXPECT_EQ(farm.keep(0, 0), "");
  EXPECT_EQ(farm.finish(0, {0, 3}), "");
}

TEST(SpeculationOfChunks, a_chunk_that_delivers_all_at_once_ends_its_copy) {
  Farm farm = chunk_running();
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.finish(0, {0, 1, 3}), "deliver t0[1-3]");
  EXPECT_EQ(farm.finish(0, {0, 0}), "deliver t0, recall t0 from m1, unwanted");
}

TEST(SpeculationOfChunks, a_failure_elsewhere_in_the_chunk_does_not_touch_the_copy) {
  Farm farm = chunk_running();
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.fail(0, {0, 2}, true), "deal t0[2] to m0 #2");
  EXPECT_EQ(farm.fail(0, 0, true), "") << "the copy is the second attempt";
  EXPECT_EQ(farm.finish(1, 0), "deliver t0");
}

TEST(SpeculationOfChunks, what_comes_back_has_not_killed_anybody) {
  Farm farm = chunk_running();
  farm.finish(0, 0);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[1] to m1");
  farm.start(1, {0, 1});
  EXPECT_EQ(farm.give_back(0, {0, 1, 3}), "deal t0[2-3] to m0");
  EXPECT_EQ(farm.lose(1), "deal t0[1] to m0 #2");
  farm.start(0, {0, 1}), farm.join(1);
  EXPECT_EQ(farm.lose(0), "deal t0[1] to m1 #3") << "two strikes, of three";
}

TEST(SpeculationOfChunks, the_first_that_has_not_ended_fails) {
  Farm farm = chunk_running();
  farm.finish(0, 0);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[1] to m1");
  EXPECT_EQ(farm.fail(0, {0, 1}, true), "");
  EXPECT_EQ(farm.finish(1, {0, 1}), "deliver t0[1]");
}

TEST(SpeculationOfChunks, what_is_given_back_without_having_been_there_is_no_matter) {
  Farm farm = chunk_running();
  farm.finish(0, 0);
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0[1] to m1");
  EXPECT_EQ(farm.give_back(0, 0), "");
  EXPECT_EQ(farm.fail(1, {0, 1}, true), "deal t0[1] to m1") << "still a copy";
}

TEST(SpeculationOfChunks, a_lost_chunk_keeps_what_is_repeated) {
  Farm farm = chunk_running();
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.counts(), "3 ready, 1 held");
  EXPECT_EQ(farm.finish(1, 0), "deliver t0, deal t0[1-3] to m1");
}

TEST(SpeculationOfChunks, what_comes_back_although_it_is_repeated_is_the_copys) {
  Farm farm = chunk_running();
  EXPECT_EQ(farm.pass(seconds(1)), "deal t0 to m1");
  EXPECT_EQ(farm.give_back(0, {0, 0, 2}, 3), "deal t0[1] to m0 #4");
  EXPECT_EQ(farm.counts(), "3 held, 1 running");
  EXPECT_EQ(farm.fail(1, 0, true), "deal t0 to m1 #5");
}

}  // namespace
}  // namespace acre::schedule

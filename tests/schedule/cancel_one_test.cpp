// Cancelling one task of a range, whose neighbours go on.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

std::string cancel_one(Farm& farm, std::uint32_t slot, std::uint32_t place) {
  return farm.step(CancelOneRequested{task(slot), place});
}

TEST(CancelOne, what_waits_ends_at_once_and_its_neighbours_are_dealt) {
  for (const std::uint32_t place : {0u, 2u, 4u}) {
    Farm farm(prefetch(9));
    farm.submit_range(0, 5, 9);
    const std::string name = place == 0 ? "t0" : "t0[" + std::to_string(place) + "]";
    EXPECT_EQ(cancel_one(farm, 0, place), "give up " + name + ": cancelled after 0");
    EXPECT_EQ(cancel_one(farm, 0, place), "");
    EXPECT_EQ(farm.counts(), "4 ready");
    farm.join(0);
    EXPECT_EQ(farm.counts(), "4 held");
  }
}

TEST(CancelOne, of_tasks_that_came_back) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 4), farm.lose(0);
  EXPECT_EQ(cancel_one(farm, 0, 1), "give up t0[1]: cancelled after 0");
  EXPECT_EQ(farm.counts(), "3 ready");
  EXPECT_EQ(cancel_one(farm, 0, 0), "give up t0: cancelled after 0");
  EXPECT_EQ(cancel_one(farm, 0, 3), "give up t0[3]: cancelled after 0");
  EXPECT_EQ(farm.join(0), "deal t0[2] to m0");
}

TEST(CancelOne, of_a_chunk_at_a_member_with_what_is_behind_it_which_is_dealt_again) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 4), farm.start(0, {0, 0, 4});
  EXPECT_EQ(cancel_one(farm, 0, 2), "recall 2 of t0[0-3] from m0");
  EXPECT_EQ(cancel_one(farm, 0, 2), "");
  EXPECT_EQ(farm.give_back(0, {0, 2, 2}), "give up t0[2]: cancelled after 0");
  EXPECT_EQ(farm.counts(), "1 ready, 1 held, 1 running");
}

TEST(CancelOne, what_runs_goes_on_and_is_not_tried_again) {
  for (const bool lost : {false, true}) {
    Farm farm(prefetch(0));
    farm.join(0), farm.submit_range(0, 3, 3, 2), farm.start(0, {0, 0, 3});
    EXPECT_EQ(cancel_one(farm, 0, 0), "") << "nobody else is disturbed";
    EXPECT_EQ(lost ? farm.lose(0) : farm.finish(0, 0), lost ? "give up t0: cancelled after 1" : "deliver t0");
    EXPECT_EQ(farm.counts(), lost ? "2 ready" : "1 held, 1 running");
  }
}

TEST(CancelOne, behind_what_runs_though_that_was_cancelled_too) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 3, 3), farm.start(0, {0, 0, 3});
  cancel_one(farm, 0, 0);
  EXPECT_EQ(cancel_one(farm, 0, 2), "recall 1 of t0[0-2] from m0");
}

TEST(CancelOne, during_another_recall) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 4), farm.start(0, {0, 0, 4});
  EXPECT_EQ(cancel_one(farm, 0, 3), "recall 1 of t0[0-3] from m0");
  EXPECT_EQ(cancel_one(farm, 0, 1), "") << "until that is answered";
  EXPECT_EQ(farm.give_back(0, {0, 3}), "give up t0[3]: cancelled after 0");
  EXPECT_EQ(farm.keep(0, {0, 0, 4}), "recall 2 of t0[0-3] from m0");
  EXPECT_EQ(farm.give_back(0, {0, 1, 2}), "give up t0[1]: cancelled after 0");
}

TEST(CancelOne, too_late_means_it_finishes) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 2, 2);
  EXPECT_EQ(cancel_one(farm, 0, 1), "recall 1 of t0[0-1] from m0");
  EXPECT_EQ(farm.keep(0, {0, 0, 2}), "");
  EXPECT_EQ(farm.finish(0, {0, 0, 2}), "deliver t0[0-1]");
  EXPECT_TRUE(farm.scheduler.idle());
}

TEST(CancelOne, when_its_member_is_lost) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 4, 2), farm.start(0, {0, 0, 4});
  cancel_one(farm, 0, 1), cancel_one(farm, 0, 2);
  EXPECT_EQ(farm.lose(0), "give up t0[2]: cancelled after 0, give up t0[1]: cancelled after 0");
  EXPECT_EQ(farm.counts(), "2 ready");
}

TEST(CancelOne, of_a_single_task_is_to_cancel_it) {
  Farm farm;
  farm.join(0), farm.submit_all(0, 1);
  EXPECT_EQ(cancel_one(farm, 1, 0), "recall t1 from m0");
  EXPECT_EQ(farm.give_back(0, 1), "give up t1: cancelled after 0");
}

TEST(CancelOne, of_what_is_not_there_changes_nothing) {
  Farm farm(prefetch(0));
  farm.join(0), farm.submit_range(0, 4, 2), farm.finish(0, {0, 0, 1});
  EXPECT_EQ(cancel_one(farm, 0, 0), "") << "it has ended";
  EXPECT_EQ(cancel_one(farm, 0, 4), "");
  EXPECT_EQ(cancel_one(farm, 7, 0), "");
}

}  // namespace
}  // namespace acre::schedule

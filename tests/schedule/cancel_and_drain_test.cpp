// Cancelling single tasks and draining the whole farm.
#include <gtest/gtest.h>

#include "farm.hpp"

namespace acre::schedule {
namespace {

Failed failed(std::uint32_t m, std::uint32_t slot) {
  return {member(m), task(slot), std::chrono::milliseconds(1), true};
}

TEST(Cancel, a_ready_task_ends_at_once) {
  Farm farm;
  farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "give up t0: cancelled after 0");
  EXPECT_EQ(farm.join(0), "");
}

TEST(Cancel, a_held_task_ends_when_it_is_back) {
  Farm farm;
  farm.join(0), farm.submit_all(0, 1);
  EXPECT_EQ(farm.cancel(1), "recall t1 from m0");
  EXPECT_EQ(farm.cancel(1), "");
  EXPECT_EQ(farm.answer(0, 1, true), "give up t1: cancelled after 0");
}

TEST(Cancel, too_late_means_it_finishes) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.answer(0, 0, false), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0");
}

TEST(Cancel, too_late_and_lost_is_still_cancelled) {
  Farm farm;
  farm.join(0), farm.submit(0), farm.cancel(0), farm.answer(0, 0, false);
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 1");
}

TEST(Cancel, a_running_task_goes_on) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.cancel(0), "");
  EXPECT_EQ(farm.lose(0), "");
  EXPECT_EQ(farm.join(0), "deal t0 to m0 #2");
}

TEST(Cancel, a_task_on_its_way_back_is_not_dealt_again) {
  Farm farm(prefetch(100));
  farm.join(0), farm.submit_all(0, 1), farm.start(0, 0);
  EXPECT_EQ(farm.join(1), "recall t1 from m0");
  EXPECT_EQ(farm.cancel(1), "");
  EXPECT_EQ(farm.answer(0, 1, true), "give up t1: cancelled after 0");
}

TEST(Cancel, if_unstarted_is_forgotten_once_it_runs) {
  Farm farm;
  farm.join(0), farm.submit(0, 2);
  EXPECT_EQ(farm.step(CancelRequested{task(0), true}), "recall t0 from m0");
  EXPECT_EQ(farm.answer(0, 0, false), "");
  EXPECT_EQ(farm.join(1), "");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
}

TEST(Cancel, if_unstarted_is_forgotten_when_the_loss_tells_that_it_ran) {
  Farm farm;
  farm.join(0), farm.submit(0, 2), farm.join(1);
  EXPECT_EQ(farm.step(CancelRequested{task(0), true}), "recall t0 from m0");
  EXPECT_EQ(farm.start(0, 0), "");
  EXPECT_EQ(farm.lose(0), "deal t0 to m1 #2");
}

TEST(Cancel, if_unstarted_takes_back_what_has_not_started) {
  Farm farm;
  farm.join(0), farm.submit(0, 2);
  farm.step(CancelRequested{task(0), true});
  EXPECT_EQ(farm.answer(0, 0, true), "give up t0: cancelled after 0");
}

TEST(Cancel, a_cancelled_task_is_not_tried_again) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 2, 9);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.cancel(1), "recall t1 from m1");
  EXPECT_EQ(farm.step(failed(1, 1)), "give up t1: cancelled after 1");
  EXPECT_EQ(farm.lose(0), "give up t0: cancelled after 0, deal t2 to m1");
}

TEST(Drain, nothing_more_is_started) {
  Farm farm(prefetch(1));
  farm.join(0), farm.submit_all(0, 2), farm.start(0, 0);
  EXPECT_EQ(farm.drain(), "give up t2: drained after 0, recall t1 from m0");
  EXPECT_TRUE(farm.scheduler.draining());
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.submit(3), "give up t3: drained after 0");
  EXPECT_EQ(farm.answer(0, 1, true), "give up t1: drained after 0");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0");
  EXPECT_EQ(farm.drain(), "");
}

TEST(Drain, a_task_that_had_started_finishes) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.drain(), "recall t0 from m0");
  EXPECT_EQ(farm.answer(0, 0, false), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0");
}

TEST(Drain, members_retire_when_all_is_done) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit(0), farm.start(0, 0);
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.join(2), "");
  EXPECT_EQ(farm.finish(0, 0), "deliver t0, retire m0, retire m1, retire m2");
}

TEST(Drain, an_idle_farm_retires_at_once_and_whoever_joins_later_too) {
  Farm farm;
  farm.join(0);
  EXPECT_EQ(farm.drain(), "retire m0");
  EXPECT_EQ(farm.join(1), "retire m1");
  EXPECT_EQ(farm.join(1, 5), "");
  EXPECT_EQ(farm.lose(1), "");
  EXPECT_EQ(farm.join(1), "retire m1");
}

TEST(Drain, a_lost_task_is_not_tried_again) {
  Farm farm;
  farm.join(0), farm.join(1), farm.submit_all(0, 1, 9), farm.start(0, 0), farm.start(1, 1);
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.lose(0), "give up t0: drained after 1");
  EXPECT_EQ(farm.step(failed(1, 1)), "give up t1: drained after 1, retire m1");
}

TEST(Drain, cancelled_stays_cancelled) {
  Farm farm;
  farm.join(0), farm.submit(0);
  EXPECT_EQ(farm.cancel(0), "recall t0 from m0");
  EXPECT_EQ(farm.drain(), "");
  EXPECT_EQ(farm.answer(0, 0, true), "give up t0: cancelled after 0, retire m0");
}

}  // namespace
}  // namespace acre::schedule

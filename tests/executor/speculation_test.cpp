// Tasks that hang at first are repeated by idle workers: one result each, and the stuck worker is replaced.
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <vector>

#include "executor/ranges.hpp"
#include "support/outcomes.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

class Speculation : public testing::Test {
 protected:
  Speculation() { reset_shared(); }
};

// Whoever comes first to the counter never returns; all others do.
void hang_once() {
  if (shared(1).get() != 0) return;
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  for (;;) ::pause();
}

int short_task(int number) {
  ::usleep(2000);
  return number;
}
int stuck_at_first(int number) {
  shared(3).add();
  hang_once();
  return number;
}

// Two tasks that need each other, each in a worker of its own.
int meet(int) {
  shared(4).add();
  shared(4).await(2);
  return 1;
}

void expect_two_workers(Executor& executor) {
  const auto first = executor.submit<meet>(0), second = executor.submit<meet>(1);
  EXPECT_EQ(first.get() + second.get(), 2) << "the stuck worker was replaced";
}

TEST_F(Speculation, repeats_a_task_that_hangs_at_first) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .speculate_after = 5});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(executor.submit<short_task>(i).get(), i);
  const auto stuck = executor.submit<stuck_at_first>(7);
  int times_done = 0;
  stuck.on_done([&](const Future<int>&) { ++times_done, shared(5).add(); });
  EXPECT_EQ(stuck.get(), 7);
  EXPECT_EQ(outcome_of(stuck).execution.attempt, 1u) << "a repetition is no retry";
  EXPECT_EQ(shared(3).get(), 2u) << "repeated once";
  EXPECT_TRUE(await_ends({static_cast<pid_t>(shared(2).get())}, seconds(10)));
  expect_two_workers(executor);
  shared(5).await(1);
  executor.shutdown();
  EXPECT_EQ(times_done, 1);
}

std::uint64_t stuck_at_40(std::uint64_t item) {
  ::usleep(1000);
  if (item == 40) hang_once();
  return item * item;
}

TEST_F(Speculation, in_a_map_gives_each_result_once) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .speculate_after = 5});
  for (const std::uint32_t chunk : {0u, 1u, 16u}) {
    reset_shared();
    std::uint64_t item = 0;
    for (const std::uint64_t value : executor.map<stuck_at_40>(CountUp(64), {.chunk = chunk})) {
      EXPECT_EQ(value, item * item);
      ++item;
    }
    EXPECT_EQ(item, 64u);
    EXPECT_TRUE(await_ends({static_cast<pid_t>(shared(2).get())}, seconds(10)));
  }
  expect_two_workers(executor);
}

TEST_F(Speculation, does_nothing_unless_it_is_asked_for) {
  Executor executor = session().executor({.workers = 2, .retries = 0});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(executor.submit<short_task>(i).get(), i);
  const auto stuck = executor.submit<stuck_at_first>(7);
  EXPECT_FALSE(stuck.wait(std::chrono::milliseconds(300)));
  EXPECT_EQ(shared(3).get(), 1u);
  executor.shutdown(true);
}

}  // namespace
}  // namespace acre::test

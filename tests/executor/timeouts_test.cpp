// Tasks that run too long: their worker is ended, their future says so, and nothing else is harmed.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

class Timeouts : public testing::Test {
 protected:
  Timeouts() { reset_shared(); }
};

int hang(int number) {
  shared(3).add();
  for (;;) ::pause();
  return number;
}
int hang_at_first(Context& context, int) {
  while (context.attempt() == 1) ::pause();
  return context.attempt();
}
int attempt_of(Context& context, int) { return context.attempt(); }
int until_told(int number) {
  shared(0).await(1);
  return number;
}

// What the future says: so many attempts, each with the end of its worker.
void expect_timeout(const Future<int>& future, int attempts) {
  try {
    future.get();
    ADD_FAILURE() << "it ended";
  } catch (const TaskTimeout& error) {
    EXPECT_EQ(error.task, future.index());
    EXPECT_EQ(error.attempt, attempts);
    EXPECT_FALSE(error.host.empty());
    EXPECT_TRUE(error.message.starts_with("it ran longer than its timeout: its worker (process "))
        << error.message;
    EXPECT_NE(error.message.find(") was killed by SIGTERM (Terminated), sent by acre, having used "),
              std::string::npos)
        << error.message;
    EXPECT_EQ(error.signal, SIGTERM);
    EXPECT_EQ(std::count(error.message.begin(), error.message.end(), ';'), attempts - 1) << error.message;
  }
}

TEST_F(Timeouts, end_a_task_that_hangs_and_harm_no_other) {
  Executor executor = session().executor({.workers = 1, .retries = 0, .task_timeout = milliseconds(100)});
  const auto hanging = executor.submit<hang>(0);
  std::vector<Future<int>> behind;
  for (int i = 0; i < 20; ++i) behind.push_back(executor.submit<attempt_of>(i));
  expect_timeout(hanging, 1);
  for (const auto& future : behind) EXPECT_EQ(future.get(), 1);
  EXPECT_EQ(shared(3).get(), 1u);
}

TEST_F(Timeouts, are_tried_again_as_often_as_workers_that_die) {
  Executor executor = session().executor({.workers = 2, .retries = 2, .task_timeout = milliseconds(50)});
  expect_timeout(executor.submit<hang>(0), 3);
  EXPECT_EQ(shared(3).get(), 3u);
  EXPECT_EQ(executor.submit<hang_at_first>(0).get(), 2);
}

TEST_F(Timeouts, of_one_task_are_its_own) {
  Executor executor = session().executor({.workers = 2, .retries = 0});
  const auto free = executor.submit<until_told>(5);
  expect_timeout(executor.submit_with<hang>({.timeout = milliseconds(50)}, 0), 1);
  shared(0).set(1);
  EXPECT_EQ(free.get(), 5) << "a task without a timeout runs on beside one with it";
}

TEST_F(Timeouts, of_one_task_come_before_the_executors) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .task_timeout = milliseconds(50)});
  const auto patient = executor.submit_with<until_told>({.timeout = seconds(30)}, 6);
  const auto unlimited = executor.submit_with<until_told>({.timeout = Duration::max()}, 7);
  shared(0).set(0);
  EXPECT_FALSE(patient.wait(milliseconds(150)));
  EXPECT_FALSE(unlimited.done());
  shared(0).set(1);
  EXPECT_EQ(patient.get(), 6);
  EXPECT_EQ(unlimited.get(), 7);
}

std::uint64_t hang_at_3(Context& context, std::uint64_t item) {
  while (item == 3) ::pause();
  return 100 * item + static_cast<std::uint64_t>(context.attempt());
}

TEST_F(Timeouts, in_a_map_end_one_item_of_a_chunk) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .task_timeout = milliseconds(100)});
  auto results = executor.map<hang_at_3>(CountUp(40), {.chunk = 8});
  std::uint64_t item = 0;
  try {
    for (const std::uint64_t value : results) EXPECT_EQ(value, 100 * item++ + 1);
    ADD_FAILURE() << "the item ended";
  } catch (const TaskTimeout& error) {
    EXPECT_EQ(error.task, 3u);
    EXPECT_EQ(error.attempt, 1);
  }
  EXPECT_EQ(item, 3u);
  for (const std::uint64_t value : results) EXPECT_EQ(value, 100 * ++item + 1);
  EXPECT_EQ(item, 39u);
}

int take(milliseconds time) {
  ::usleep(static_cast<useconds_t>(std::chrono::microseconds(time).count()));
  return 1;
}

TEST_F(Timeouts, are_of_each_item_and_not_of_the_chunk) {
  Executor executor = session().executor({.workers = 1, .retries = 0, .task_timeout = milliseconds(500)});
  int sum = 0;
  const auto item = [](int) { return take(milliseconds(60)); };
  for (const int one : executor.map<item>(std::vector<int>(12), {.chunk = 12})) sum += one;
  EXPECT_EQ(sum, 12) << "together they took longer";
}

int tell_and_hang(int) {
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  for (;;) ::pause();
}

// The best of some tries: on a busy machine any single one may be late.
TEST_F(Timeouts, fire_in_time_though_nobody_waits) {
  constexpr milliseconds timeout(100), late(200);
  Executor executor = session().executor({.workers = 1, .retries = 0});
  EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1) << "the workers are there";
  Duration best = seconds(60);
  for (std::uint32_t tries = 1; tries <= 5; ++tries) {
    const auto future = executor.submit_with<tell_and_hang>({.timeout = timeout}, 0);
    const Instant submitted = now();
    shared(1).await(tries);
    ASSERT_TRUE(EndWatch(static_cast<pid_t>(shared(2).get())).await(now() + seconds(20)));
    const Duration taken = now() - submitted;
    EXPECT_GE(taken, timeout);
    best = std::min(best, taken);
    expect_timeout(future, 1);
  }
  EXPECT_LT(best, timeout + late);
}

}  // namespace
}  // namespace acre::test

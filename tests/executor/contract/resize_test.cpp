// Executors that get more workers, or fewer, while they work.
#include <signal.h>
#include <unistd.h>

#include <numeric>
#include <set>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/refusals.hpp"

namespace acre::test {
namespace {
using Resize = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Resize, beside, method_name);

// A task that ends only while so many run at once.
int meet(std::uint32_t others) {
  shared(0).add();
  shared(0).await(others);
  return ::gettid();
}

int hold(std::uint32_t index) {
  shared(1).add();
  shared(2).await(1);
  return static_cast<int>(index);
}

int count(std::uint32_t index) {
  shared(3).add();
  return static_cast<int>(index);
}

std::set<int> meeting(Executor& executor, std::uint32_t tasks) {
  shared(0).set(0);
  std::vector<Future<int>> futures;
  for (std::uint32_t i = 0; i < tasks; ++i) futures.push_back(executor.submit<meet>(tasks));
  std::set<int> workers;
  for (const auto& future : futures) workers.insert(future.get());
  return workers;
}

// Keeps tasks coming until the surplus has left; ends the test after a while if it does not.
void await_workers(Executor& executor, std::uint32_t workers) {
  const Instant late = now() + std::chrono::seconds(20);
  while (executor.workers() != workers && now() < late) executor.submit<count>(0u).get();
  ASSERT_EQ(executor.workers(), workers);
}

TEST_P(Resize, GrowingUsesTheNewWorkersWhileTasksRun) {
  Executor executor = open({.workers = 1});
  std::vector<Future<int>> futures;
  for (std::uint32_t i = 0; i < 4; ++i) futures.push_back(executor.submit<meet>(4u));
  EXPECT_EQ(executor.workers(), 1u);
  executor.resize(4);
  EXPECT_EQ(executor.workers(), 4u);
  std::set<int> workers;
  for (const auto& future : futures) workers.insert(future.get());
  EXPECT_EQ(workers.size(), 4u);
}

TEST_P(Resize, ShrinkingLetsTheSurplusLeaveBetweenTasksAndLosesNothing) {
  Executor executor = open({.workers = 3, .retries = 0});
  EXPECT_EQ(meeting(executor, 3).size(), 3u);
  std::vector<Future<int>> futures;
  for (std::uint32_t i = 0; i < 3; ++i) futures.push_back(executor.submit<hold>(i));
  for (std::uint32_t i = 3; i < 300; ++i) futures.push_back(executor.submit<count>(i));
  futures.back().wait(std::chrono::milliseconds(1));  // so that they are dealt
  shared(1).await(3);
  executor.resize(1);
  EXPECT_EQ(executor.workers(), 3u) << "all of them run tasks";
  shared(2).set(1);
  for (std::uint32_t i = 0; i < 300; ++i) EXPECT_EQ(futures[i].get(), static_cast<int>(i));
  EXPECT_EQ(shared(3).get(), 297u) << "each task once";
  await_workers(executor, 1);
  std::set<int> workers;
  for (int i = 0; i < 50; ++i) workers.insert(executor.submit<meet>(1u).get());
  EXPECT_EQ(workers.size(), 1u);
  executor.resize(3);
  EXPECT_EQ(meeting(executor, 3).size(), 3u) << "and it can grow again";
}

TEST_P(Resize, IdleWorkersLeaveToo) {
  Executor executor = open({.workers = 4});
  EXPECT_EQ(meeting(executor, 4).size(), 4u);
  executor.resize(2);
  await_workers(executor, 2);
  EXPECT_EQ(meeting(executor, 2).size(), 2u);
}

TEST_P(Resize, TheNumberMayChangeAsOftenAsOneLikes) {
  Executor executor = open({.workers = 2, .retries = 0});
  std::vector<std::uint32_t> items(3000);
  std::iota(items.begin(), items.end(), 0u);
  int next = 0;
  for (const int result : executor.map<count>(items)) {
    ASSERT_EQ(result, next);
    if (++next % 100 == 0) executor.resize(1 + next / 100 * 7 % 5);
  }
  EXPECT_EQ(next, 3000);
  EXPECT_EQ(shared(3).get(), 3000u) << "each task once";
}

TEST_P(Resize, WorkersThatDieAreReplacedUpToTheNewNumber) {
  if (!has_processes(GetParam())) GTEST_SKIP() << "a thread cannot die";
  Executor executor = open({.workers = 3, .retries = 0});
  EXPECT_EQ(meeting(executor, 3).size(), 3u);
  executor.resize(2);
  await_workers(executor, 2);
  for (int i = 0; i < 3; ++i)
    EXPECT_THROW(executor.submit([] { return ::kill(::getpid(), SIGKILL); }).get(), WorkerLost);
  EXPECT_EQ(meeting(executor, 2).size(), 2u);
  EXPECT_EQ(executor.workers(), 2u);
}

TEST_P(Resize, NumbersThatCannotBeAreRefused) {
  Executor executor = open({.workers = 1});
  for (const int workers : {0, -1, 4097})
    expect_refused(
        [&] { executor.resize(workers); },
        "an executor cannot be resized to " + std::to_string(workers) + " workers: take 1 to 4096");
  executor.shutdown();
  expect_refused([&] { executor.resize(2); },
                 "an executor that has ended cannot be resized: the executor was shut down");
}

TEST(ResizeSerial, IsRefused) {
  Executor executor = session().executor({.start = StartMethod::serial});
  expect_refused([&] { executor.resize(1); },
                 "an executor with StartMethod::serial has one worker, the caller's own thread: it cannot be "
                 "resized");
}

}  // namespace
}  // namespace acre::test

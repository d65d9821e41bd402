// Several threads and several executors at once; shutdown, and what is left after it.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <numeric>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

std::uint64_t square(std::uint64_t x) { return x * x; }
int gated(int value) {
  shared(1).add();
  shared(0).await(1);
  return value;
}
pid_t own_process() { return ::getpid(); }
pid_t own_thread() { return ::gettid(); }

using Threads = Contract;
using ThreadsBeside = Contract;
using ManyWorkers = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Threads, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, ThreadsBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, ManyWorkers, testing::Values(StartMethod::fork, StartMethod::threads),
                         method_name);

TEST_P(Threads, submit_and_get_at_once) {
  Executor executor = open({.workers = 2});
  std::atomic<std::uint64_t> right = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      std::vector<Future<std::uint64_t>> futures;
      for (std::uint64_t i = 0; i < 2000; ++i) futures.push_back(executor.submit<square>(1000 * t + i));
      for (std::uint64_t i = 0; i < 2000; ++i)
        right += futures[i].get() == (1000 * t + i) * (1000 * t + i) ? 1 : 0;
      for (std::uint64_t i = 0; i < 100; ++i) right += executor.submit<square>(i).get() == i * i ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 8 * 2100u);
}

TEST_P(Threads, map_at_once) {
  Executor executor = open({.workers = 2});
  std::atomic<std::uint64_t> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      std::uint64_t i = 0;
      for (const std::uint64_t value : executor.map<square>(CountUp(10'000))) {
        right += value == i * i ? 1 : 0;
        ++i;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 40'000u);
}

TEST_P(ThreadsBeside, get_one_future_together) {
  Executor executor = open({.workers = 1});
  const auto future = executor.submit<gated>(11);
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) threads.emplace_back([&] { sum += future.get(); });
  shared(1).await(1);
  shared(0).add();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, 66);
}

// A waiter that owns the engine must not make others wait for its own, long task.
TEST_P(ThreadsBeside, short_tasks_pass_by_a_thread_that_waits_for_a_long_one) {
  Executor executor = open({.workers = 2});
  std::thread patient([&] { executor.submit<gated>(1).get(); });
  shared(1).await(1);
  const Instant begin = now();
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 100; ++i) executor.submit<square>(i).get();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_LT(now() - begin, milliseconds(2000)) << "10 ms each: they waited for naps, not for rings";
  shared(0).add();
  patient.join();
}

TEST_P(ThreadsBeside, cancel_while_others_wait) {
  Executor executor = open({.workers = 1});
  const auto running = executor.submit<gated>(1);
  auto waiting = executor.submit<gated>(2);
  std::thread waiter([&] { EXPECT_THROW(waiting.get(), TaskCancelled); });
  std::thread other([&] { running.get(); });
  shared(1).await(1);
  EXPECT_TRUE(waiting.cancel());
  waiter.join();
  shared(0).add();
  other.join();
}

TEST_P(ThreadsBeside, several_executors_at_once_have_workers_of_their_own) {
  Executor one = open({.workers = 1}), two = open({.workers = 1});
  const auto blocked = one.submit<gated>(1);
  EXPECT_EQ(two.submit<square>(3).get(), 9u) << "one executor's task must not hold up the other's";
  shared(0).add();
  EXPECT_EQ(blocked.get(), 1);
  EXPECT_NE(one.submit<own_thread>().get(), two.submit<own_thread>().get());
  EXPECT_EQ(one.workers(), 1u);
}

TEST_P(Threads, executors_one_after_another_leave_nothing_behind) {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator{});
  };
  open({.workers = 1}).submit<square>(1).get();
  const auto before = open_descriptors();
  for (int i = 0; i < 30; ++i) {
    Executor executor = open({.workers = 1});
    executor.submit<square>(1).get();
  }
  EXPECT_LE(open_descriptors(), before + 2);
}

// As many as a large node has: agent and zygote must not wait for each other with their sockets full.
TEST_P(ManyWorkers, hundreds_start_and_end) {
  Executor executor = open({.workers = 800});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 800; ++i) futures.push_back(executor.submit<gated>(i));
  std::thread opener([] {
    shared(1).await(800);
    shared(0).add();
  });
  for (int i = 0; i < 800; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
  opener.join();
}

using Shutdown = Contract;
using ShutdownBeside = Contract;
using ShutdownOfProcesses = Contract;
using ShutdownOfThreads = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Shutdown, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, ShutdownBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, ShutdownOfProcesses, processes, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, ShutdownOfThreads, testing::Values(StartMethod::threads), method_name);

TEST_P(Shutdown, waits_for_all_tasks) {
  Executor executor = open({.workers = 1});
  std::vector<Future<std::uint64_t>> futures;
  for (std::uint64_t i = 0; i < 500; ++i) futures.push_back(executor.submit<square>(i));
  executor.shutdown();
  for (std::uint64_t i = 0; i < 500; ++i) {
    EXPECT_TRUE(futures[i].done());
    EXPECT_EQ(futures[i].get(), i * i);
  }
  executor.shutdown();
}

TEST_P(ShutdownOfProcesses, with_cancel_ends_what_runs_and_what_waits) {
  Executor executor = open({.workers = 1});
  const auto running = executor.submit<gated>(1), waiting = executor.submit<gated>(2);
  std::thread waiter([&] { EXPECT_THROW(running.get(), TaskError); });
  shared(1).await(1);
  executor.shutdown(true);
  waiter.join();
  EXPECT_TRUE(running.done());
  try {
    waiting.get();
    FAIL() << "it cannot have run";
  } catch (const TaskCancelled& error) {
    EXPECT_EQ(error.message, "cancelled before it ended");
  }
  EXPECT_TRUE(waiting.cancelled());
  EXPECT_THROW(running.get(), ExecutorBroken);
}

TEST_P(Shutdown, makes_later_submits_fail_in_words) {
  Executor executor = open({.workers = 1});
  executor.shutdown();
  const auto late = executor.submit<square>(1);
  EXPECT_TRUE(late.done());
  try {
    late.get();
    FAIL() << "it cannot have run";
  } catch (const ExecutorBroken& error) {
    EXPECT_EQ(error.message, "the executor was shut down");
  }
  EXPECT_THROW(executor.map<square>({1, 2}).begin(), ExecutorBroken);
  std::atomic<int> called = 0;
  late.on_done([&](const Future<std::uint64_t>& done) {
    done.on_done([&](const Future<std::uint64_t>&) { ++called; });
    ++called;
  });
  EXPECT_EQ(called, 2) << "callbacks after the end are made at once";
}

TEST_P(ShutdownOfProcesses, ends_the_workers) {
  Executor executor = open({.workers = 2});
  const pid_t worker = executor.submit<own_process>().get();
  const pid_t preloaded = parent_of(worker);
  std::vector<pid_t> pids = descendants_of(preloaded);
  pids.push_back(preloaded);
  executor.shutdown();
  EXPECT_TRUE(await_ends(pids, std::chrono::seconds(1)));
}

int leave_a_daemon(int) {
  if (::fork() != 0) return 0;
  ::setsid();
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  for (;;) ::pause();
}

TEST_P(ShutdownOfProcesses, ends_what_tasks_have_started) {
  Executor executor = open({.workers = 1});
  executor.submit<leave_a_daemon>(0).get();
  shared(1).await(1);
  const auto daemon = static_cast<pid_t>(shared(2).get());
  EXPECT_TRUE(name_of(daemon).starts_with("acre worker")) << name_of(daemon);
  executor.shutdown();
  EXPECT_TRUE(await_ends({daemon}, std::chrono::seconds(1)));
}

TEST_P(Shutdown, in_several_threads_at_once_is_one) {
  Executor executor = open({.workers = 1});
  executor.submit<square>(1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&] { executor.shutdown(); });
  for (auto& thread : threads) thread.join();
  EXPECT_THROW(executor.submit<square>(1).get(), ExecutorBroken);
}

TEST_P(ShutdownBeside, destroying_an_executor_waits_for_its_tasks) {
  std::optional<Future<int>> future;
  std::thread opener([] {
    shared(1).await(1);
    shared(0).add();
  });
  {
    Executor executor = open({.workers = 1});
    future = executor.submit<gated>(7);
  }
  EXPECT_TRUE(future->done());
  EXPECT_EQ(future->get(), 7);
  opener.join();
}

TEST_P(ShutdownOfProcesses, unwinding_kills_instead_of_waiting) {
  std::optional<Future<int>> future;
  pid_t worker = 0;
  try {
    Executor executor = open({.workers = 1});
    worker = executor.submit<own_process>().get();
    future = executor.submit<gated>(7);
    shared(1).await(1);
    throw std::runtime_error("the program has had enough");
  } catch (const std::runtime_error&) {
  }
  EXPECT_THROW(future->get(), ExecutorBroken);
  EXPECT_TRUE(await_ends({worker}, std::chrono::seconds(1)));
}

TEST_P(Shutdown, assigning_an_executor_shuts_the_old_one_down) {
  Executor executor = open({.workers = 1});
  const auto old = executor.submit<square>(3);
  executor = open({.workers = 1});
  EXPECT_TRUE(old.done());
  EXPECT_EQ(executor.submit<square>(4).get(), 16u);
  EXPECT_EQ(old.get(), 9u);
}

TEST_P(ShutdownBeside, futures_and_results_outlive_their_executor) {
  std::optional<Future<std::uint64_t>> future;
  std::optional<Results<std::uint64_t>> results;
  {
    Executor executor = open({.workers = 1});
    future = executor.submit<square>(5);
    results.emplace(executor.map<square>(CountUp(10)));
    EXPECT_EQ(*results->begin(), 0u);
  }
  EXPECT_EQ(future->get(), 25u);
  std::uint64_t sum = 0;
  for (const std::uint64_t value : *results) sum += value;
  EXPECT_EQ(sum, 285u);
}

// What runs cannot be ended, so it is waited for; what waits is not started.
TEST_P(ShutdownOfThreads, with_cancel_waits_for_what_runs_and_drops_what_waits) {
  Executor executor = open({.workers = 1});
  const auto running = executor.submit<gated>(1), waiting = executor.submit<gated>(2);
  std::thread opener([&] {
    EXPECT_THROW(running.get(), ExecutorBroken);
    shared(0).add();
  });
  std::thread waiter([&] { running.wait(); });
  shared(1).await(1);
  executor.shutdown(true);
  opener.join();
  waiter.join();
  EXPECT_THROW(waiting.get(), TaskCancelled);
  EXPECT_EQ(shared(1).get(), 1u) << "the second one was not started";
}

}  // namespace
}  // namespace acre::test

// The bound of input that waits to be dealt, the statistics that show it, and bootup.
#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {

std::uint64_t square(std::uint64_t x) { return x * x; }
std::size_t size_of(const std::string& text) { return text.size(); }
std::uint64_t gated(std::uint64_t item) {
  shared(3).add();
  shared(0).await(1);
  return item;
}
int refused(int number) {
  if (number < 0) throw std::range_error("below nothing");
  return number;
}
int killed_once(Context& context) {
  if (context.attempt() == 1) std::raise(SIGKILL);
  return context.attempt();
}
int failing_preload() { throw std::runtime_error("no table"); }
int gated_preload() {
  shared(0).await(1);
  return 1;
}

/// Gated tasks until no more fit, and one of them runs.
std::vector<Future<std::uint64_t>> filled(Executor& executor) {
  executor.bootup();
  std::vector<Future<std::uint64_t>> futures{executor.submit<gated>(0)};
  shared(3).await(1);
  while (auto future = executor.try_submit<gated>(futures.size())) futures.push_back(*future);
  return futures;
}

using Pending = Contract;
using PendingBeside = Contract;
using Numbers = Contract;
using NumbersOfProcesses = Contract;
using Bootup = Contract;
using BootupBeside = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Pending, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, PendingBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, Numbers, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, NumbersOfProcesses, processes, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, Bootup, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, BootupBeside, beside, method_name);

TEST_P(Pending, many_times_the_bound_is_submitted_before_anything_is_read) {
  Executor executor = open({.workers = 2, .max_pending = 10});
  std::vector<Future<std::uint64_t>> futures;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    futures.push_back(executor.submit<square>(i));
    ASSERT_LE(executor.statistics().pending, 10u);
  }
  for (std::uint64_t i = 0; i < 2000; ++i) EXPECT_EQ(futures[i].get(), i * i);
}

TEST_P(Pending, is_bounded_in_bytes_but_one_task_always_has_room) {
  Executor executor = open({.workers = 2, .max_pending_bytes = 1000});
  std::vector<Future<std::size_t>> futures;
  for (const std::size_t size : std::vector<std::size_t>{100, 5000, 100, 900, 50'000, 0}) {
    for (int i = 0; i < 20; ++i) futures.push_back(executor.submit<size_of>(std::string(size, 'x')));
    EXPECT_LE(executor.statistics().pending_bytes, size + 1000);
  }
  std::size_t sum = 0;
  for (const auto& future : futures) sum += future.get();
  EXPECT_EQ(sum, 20u * 56'100u);
  EXPECT_EQ(executor.statistics().pending_bytes, 0u);
}

TEST_P(PendingBeside, at_its_bound_refuses_a_try_and_no_index_is_used) {
  Executor executor = open({.workers = 1, .max_pending = 7});
  const auto futures = filled(executor);
  EXPECT_EQ(executor.statistics().pending, 7u);
  EXPECT_FALSE(executor.try_submit<square>(1).has_value());
  EXPECT_FALSE(executor.try_submit([](int x) { return x; }, 1).has_value());
  shared(0).add();
  for (std::size_t i = 0; i < futures.size(); ++i) {
    EXPECT_EQ(futures[i].index(), i);
    EXPECT_EQ(futures[i].get(), i);
  }
  EXPECT_EQ(executor.submit<square>(1).index(), futures.size()) << "as if nothing had been refused";
}

TEST_P(PendingBeside, a_submit_beyond_the_bound_waits_for_room) {
  Executor executor = open({.workers = 1, .max_pending = 3});
  const auto futures = filled(executor);
  std::thread submitter([&] {
    shared(1).add();
    EXPECT_EQ(executor.submit<square>(3).get(), 9u);
    shared(2).add();
  });
  shared(1).await(1);
  EXPECT_EQ(executor.statistics().pending, 3u);
  EXPECT_EQ(shared(2).get(), 0u);
  shared(0).add();
  submitter.join();
  EXPECT_EQ(futures.back().get(), futures.size() - 1);
}

TEST_P(PendingBeside, a_callback_does_not_wait_for_room) {
  Executor executor = open({.workers = 1, .max_pending = 3});
  const auto ended = executor.submit<square>(2);
  ended.get();
  const auto futures = filled(executor);
  std::promise<std::vector<Future<std::uint64_t>>> submitted;
  ended.on_done([&](const Future<std::uint64_t>&) {
    submitted.set_value({executor.submit<square>(5), executor.submit<square>(6)});
  });
  auto result = submitted.get_future();
  const bool in_time = result.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
  EXPECT_TRUE(in_time);
  EXPECT_EQ(executor.statistics().pending, in_time ? 5u : 3u);
  shared(0).add();
  EXPECT_EQ(result.get().back().get(), 36u);
}

TEST_P(PendingBeside, a_waiting_submit_hears_of_a_shutdown) {
  Executor executor = open({.workers = 1, .max_pending = 3});
  const auto futures = filled(executor);
  std::thread submitter([&] {
    shared(1).add();
    EXPECT_THROW(executor.submit<square>(3).get(), TaskError);
  });
  shared(1).await(1);
  if (GetParam() == StartMethod::threads) shared(0).add();  // nothing can end a thread
  executor.shutdown(true);
  submitter.join();
}

TEST_P(Numbers, count_what_became_of_tasks) {
  Executor executor = open({.workers = 2});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 10; ++i) futures.push_back(executor.submit<refused>(i < 3 ? -1 : i));
  for (const auto& future : futures) future.wait();
  for (const auto& outcome : executor.map_outcomes<refused>({1, 2, -1})) static_cast<void>(outcome);
  const Statistics now = executor.statistics();
  EXPECT_EQ(now.done, 9u);
  EXPECT_EQ(now.failed, 4u);
  EXPECT_EQ(now.cancelled + now.retried + now.workers_lost, 0u);
  EXPECT_EQ(now.pending + now.held + now.running + now.pending_bytes, 0u);
  executor.shutdown();
  EXPECT_EQ(executor.statistics().done, 9u) << "they outlast it";
  EXPECT_EQ(executor.statistics().workers, 0u);
}

TEST_P(PendingBeside, tasks_that_are_taken_back_leave_room) {
  Executor executor = open({.workers = 1, .max_pending = 5});
  auto futures = filled(executor);
  EXPECT_EQ(executor.statistics().pending_bytes, 5 * sizeof(std::uint64_t));
  EXPECT_TRUE(futures.back().cancel());
  const Statistics now = executor.statistics();
  EXPECT_EQ(now.cancelled, 1u);
  EXPECT_EQ(now.pending_bytes, now.pending * sizeof(std::uint64_t));
  EXPECT_TRUE(executor.try_submit<gated>(1).has_value());
  shared(0).add();
}

TEST_P(NumbersOfProcesses, count_what_was_lost_on_the_way) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<killed_once>().get(), 2);
  const Statistics now = executor.statistics();
  EXPECT_EQ(now.done, 1u);
  EXPECT_EQ(now.retried, 1u);
  EXPECT_EQ(now.workers_lost, 1u);
}

TEST_P(Bootup, waits_until_all_workers_are_ready) {
  const int workers = GetParam() == StartMethod::serial ? 1 : 3;
  Executor executor = open({.workers = workers});
  EXPECT_TRUE(executor.bootup());
  EXPECT_EQ(executor.statistics().workers, static_cast<std::uint32_t>(workers));
  EXPECT_TRUE(executor.bootup(Duration{0})) << "at once, as they are";
}

TEST_P(BootupBeside, tells_that_the_time_is_over_and_why_workers_cannot_start) {
  Executor slow = open({.workers = 1, .preload = hook<gated_preload>()});
  EXPECT_FALSE(slow.bootup(std::chrono::milliseconds(1)));
  shared(0).add();
  EXPECT_TRUE(slow.bootup());
  Executor broken = open({.workers = 1, .preload = hook<failing_preload>()});
  try {
    broken.bootup();
    ADD_FAILURE() << "it is broken";
  } catch (const ExecutorBroken& error) {
    const std::string words = error.what();
    EXPECT_EQ(words.find("the executor cannot run tasks: the preload failed: "), 0u) << words;
    EXPECT_NE(words.find("no table"), std::string::npos) << words;
  }
}

}  // namespace
}  // namespace acre::test

// Coroutines that await futures: hundreds of tasks under way, one thread that resumes them all.
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {

int at_once(int value) { return value; }
void nothing() {}
int failing(int value) { throw std::range_error(std::to_string(value)); }
std::unique_ptr<int> owned(int value) { return std::make_unique<int>(value); }
// Waits until as many others have come.
int meets(int all) {
  shared(0).add();
  shared(0).await(static_cast<std::uint32_t>(all));
  return all;
}

using Coros = Contract;
using CorosBeside = Contract;
using CorosOfProcesses = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Coros, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, CorosBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, CorosOfProcesses, processes, method_name);

Coro<int> sum_of(Executor& executor, int a, int b) {
  const int first = co_await executor.submit<at_once>(a);
  const auto future = executor.submit<at_once>(b);
  const int& second = co_await future;
  co_await executor.submit<nothing>();
  co_return first + second;
}

Coro<std::unique_ptr<int>> twice(Executor& executor, int value) {
  auto half = co_await executor.submit<owned>(value);
  *half += co_await sum_of(executor, value, 0);
  co_return half;
}

Coro<void> sets(Executor& executor, int& place) { place = *co_await twice(executor, 4); }

TEST_P(Coros, await_tasks_and_each_other) {
  Executor executor = open({.workers = 2});
  EXPECT_EQ(sync_wait(sum_of(executor, 3, 4)), 7);
  EXPECT_EQ(*sync_wait(twice(executor, 4)), 8);
  int place = 0;
  sync_wait(sets(executor, place));
  EXPECT_EQ(place, 8);
}

TEST_P(Coros, begin_only_when_they_are_awaited) {
  Executor executor = open({.workers = 1});
  int place = 0;
  {
    const Coro<void> never = sets(executor, place);
    EXPECT_TRUE(never);
  }
  Coro<void> once = sets(executor, place);
  EXPECT_EQ(executor.statistics().done, 0u);
  Coro<void> moved = std::move(once);
  sync_wait(std::move(moved));
  EXPECT_EQ(place, 8);
}

Coro<int> awaits_failing(Executor& executor) {
  bool caught = false;
  try {
    co_await executor.submit<failing>(3);
  } catch (const std::range_error&) {
    caught = true;
  }
  if (caught) co_await executor.submit<failing>(co_await executor.submit<at_once>(1));
  co_return 0;
}

Coro<int> throws(int value) {
  if (value > 1) throw value;
  co_return value;
}

TEST_P(Coros, pass_exceptions_on) {
  Executor executor = open({.workers = 1});
  EXPECT_THROW(sync_wait(awaits_failing(executor)), Thrown<std::range_error>);
  EXPECT_THROW(sync_wait(throws(2)), int);
  std::vector<Coro<int>> some;
  for (const int value : {1, 7, 1, 5}) some.push_back(throws(value));
  try {
    sync_wait(when_all(std::move(some)));
    FAIL() << "two of them throw";
  } catch (const int value) {
    EXPECT_EQ(value, 7) << "the first in order";
  }
  EXPECT_TRUE(sync_wait(when_all(std::vector<Coro<int>>{})).empty());
}

Coro<pid_t> meeting(Executor& executor, int all, std::vector<pid_t>& threads) {
  threads.push_back(::gettid());
  const int met = co_await executor.submit<meets>(all);
  threads.push_back(::gettid());
  co_return met;
}

// Each task waits for all others: they must all be under way at once, though one thread awaits them.
TEST(Coros, of_one_thread_have_hundreds_of_tasks_under_way) {
  reset_shared();
  constexpr int all = 300;
  Executor executor = session().executor({.workers = all, .start = StartMethod::threads});
  std::vector<pid_t> threads;
  std::vector<Coro<pid_t>> meetings;
  for (int i = 0; i < all; ++i) meetings.push_back(meeting(executor, all, threads));
  EXPECT_EQ(sync_wait(when_all(std::move(meetings))), std::vector<pid_t>(all, all));
  EXPECT_EQ(threads, std::vector<pid_t>(2 * all, ::gettid()));
}

Coro<void> rounds(Executor& executor, int number, int& ended) {
  for (int i = 0; i < number; ++i) ended += co_await executor.submit<at_once>(1);
}

TEST_P(CorosBeside, hundreds_take_turns_on_few_workers) {
  Executor executor = open({.workers = 2});
  int ended = 0;
  std::vector<Coro<void>> some;
  for (int i = 0; i < 300; ++i) some.push_back(rounds(executor, 5, ended));
  sync_wait(when_all(std::move(some)));
  EXPECT_EQ(ended, 1500);
}

Coro<int> several(Executor& one, Executor& two) {
  const auto left = one.submit<at_once>(1), right = two.submit<at_once>(2);
  const auto both =
      when_all(left, right).then([](const auto& pair) { return std::get<0>(pair) + std::get<1>(pair); });
  const auto first = when_any(std::vector{left});
  const int sum = co_await both;
  co_return sum + co_await left + static_cast<int>(co_await first);
}

TEST_P(Coros, await_what_is_made_of_tasks_of_several_executors) {
  Executor one = open({.workers = 1}), two = open({.workers = 1});
  std::vector<Coro<int>> some;
  for (int i = 0; i < 50; ++i) some.push_back(several(one, two));
  EXPECT_EQ(sync_wait(when_all(std::move(some))), std::vector<int>(50, 4));
}

Coro<int> deep(int left) {
  if (left == 0) co_return 0;
  const int below = co_await deep(left - 1);
  co_return below + 1;
}
Coro<int> long_loop(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) sum += co_await throws(1);
  co_return sum;
}

// Neither depth nor length may take stack, also without an optimiser.
TEST(Coros, take_no_stack) {
  EXPECT_EQ(sync_wait(long_loop(300'000)), 300'000);
  EXPECT_EQ(sync_wait(deep(10'000)), 10'000);
}

TEST_P(CorosOfProcesses, shutdown_ends_what_they_await) {
  Executor executor = open({.workers = 1});
  std::thread ending([&] {
    shared(0).await(1);
    executor.shutdown(true);
  });
  std::vector<pid_t> threads;
  std::vector<Coro<pid_t>> some;
  for (int i = 0; i < 5; ++i) some.push_back(meeting(executor, 1000, threads));
  EXPECT_THROW(sync_wait(when_all(std::move(some))), TaskError);
  EXPECT_EQ(threads.size(), 5u) << "none of the tasks has ended";
  ending.join();
}

int waits_inside(int) {
  try {
    return sync_wait(throws(1));
  } catch (const WouldDeadlock&) {
    return -1;
  }
}

TEST_P(Coros, are_not_waited_for_in_tasks_and_callbacks) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<waits_inside>(0).get(), -1);
  EXPECT_EQ(executor.submit<at_once>(0).then(waits_inside).get(), -1);
}

}  // namespace
}  // namespace acre::test

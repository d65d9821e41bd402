// Waiting for futures: one, some, all, in the order of their ends, for a bounded time.
#include <ctime>
#include <list>
#include <set>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

class Waiting : public Contract {
 protected:
  ~Waiting() override { open_all(); }  // before the executors, which wait for their tasks
  Executor& open(int workers) { return executors_.emplace_back(Contract::open({.workers = workers})); }
  static void open_all() {
    for (std::size_t i = 0; i < counters; ++i) shared(i).set(1);
  }

 private:
  std::list<Executor> executors_;
};

INSTANTIATE_TEST_SUITE_P(Contract, Waiting, beside, method_name);

// Ends once its gate is open.
int gated(int gate) {
  shared(static_cast<std::size_t>(gate)).await(1);
  return gate;
}
int at_once(int value) { return value; }
int failing(int value) { throw std::range_error(std::to_string(value)); }

TEST_P(Waiting, get_gives_up_when_its_time_is_over) {
  Executor& executor = open(1);
  const auto future = executor.submit<gated>(0);
  EXPECT_THROW(future.get(milliseconds(20)), TimeoutError);
  EXPECT_THROW(future.get(milliseconds(0)), TimeoutError);
  EXPECT_THROW(future.get(milliseconds(-5)), TimeoutError);
  EXPECT_THROW(future.exception(milliseconds(1)), TimeoutError);
  EXPECT_FALSE(future.wait(milliseconds(1)));
  EXPECT_FALSE(future.done());
  shared(0).add();
  EXPECT_EQ(future.get(std::chrono::hours(1)), 0);
  EXPECT_EQ(future.get(milliseconds(0)), 0) << "what is there needs no time";
}

TEST_P(Waiting, the_longest_time_there_is_is_not_over_at_once) {
  Executor& executor = open(1);
  EXPECT_EQ(executor.submit<at_once>(1).get(Duration::max()), 1);
  EXPECT_TRUE(executor.submit<at_once>(2).wait(Duration::max()));
}

TEST_P(Waiting, a_time_that_is_over_is_kept_to) {
  Executor& executor = open(1);
  const auto future = executor.submit<gated>(0);
  const Instant begin = now();
  EXPECT_FALSE(future.wait(milliseconds(120)));
  EXPECT_GE(now() - begin, milliseconds(120));
  EXPECT_LE(now() - begin, milliseconds(1000));
}

std::vector<Future<int>> gated_futures(Executor& executor, int count) {
  std::vector<Future<int>> futures;
  for (int gate = 0; gate < count; ++gate) futures.push_back(executor.submit<gated>(gate));
  return futures;
}

TEST_P(Waiting, wait_for_all) {
  Executor& executor = open(3);
  const auto futures = gated_futures(executor, 3);
  shared(1).add();
  futures[1].get();
  Waited waited = wait(futures, Until::all, milliseconds(20));
  EXPECT_EQ(waited.done, (std::vector<std::size_t>{1}));
  EXPECT_EQ(waited.not_done, (std::vector<std::size_t>{0, 2}));
  open_all();
  waited = wait(futures);
  EXPECT_EQ(waited.done, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(waited.not_done.empty());
}

TEST_P(Waiting, wait_for_the_first) {
  Executor& executor = open(3);
  const auto futures = gated_futures(executor, 3);
  EXPECT_TRUE(wait(futures, Until::first_completed, milliseconds(5)).done.empty());
  for (const std::size_t next : {2, 0, 1}) {
    std::vector<Future<int>> left;
    for (const auto& future : futures)
      if (!future.done()) left.push_back(future);
    shared(next).add();
    const Waited waited = wait(left, Until::first_completed);
    ASSERT_EQ(waited.done.size(), 1u);
    EXPECT_EQ(left[waited.done[0]].get(), static_cast<int>(next));
  }
}

TEST_P(Waiting, wait_for_the_first_failure_wherever_it_stands) {
  Executor& executor = open(2);
  for (const std::size_t failing_at : {0, 1, 3}) {
    std::vector<Future<int>> futures;
    for (std::size_t i = 0; i < 3; ++i) futures.push_back(executor.submit<at_once>(7));
    futures.push_back(executor.submit<gated>(0));
    futures.insert(futures.begin() + static_cast<long>(failing_at), executor.submit<failing>(1));
    const Waited waited = wait(futures, Until::first_exception, std::chrono::seconds(20));
    EXPECT_EQ(std::count(waited.done.begin(), waited.done.end(), failing_at), 1);
    EXPECT_EQ(waited.not_done.back(), 4u) << "the gated one was not waited for";
    shared(0).add();
    futures[4].get();
    shared(0).set(0);
  }
}

// The failure comes first and stands last: successes that end later must not hide it.
TEST_P(Waiting, a_failure_is_not_forgotten_over_later_successes) {
  Executor& executor = open(3);
  auto futures = gated_futures(executor, 2);
  futures.push_back(executor.submit<failing>(1));
  futures[2].wait();
  shared(0).add();
  futures[0].wait();
  const Waited waited = wait(futures, Until::first_exception, std::chrono::seconds(20));
  EXPECT_EQ(waited.done, (std::vector<std::size_t>{0, 2}));
}

TEST_P(Waiting, without_failures_the_first_failure_means_all) {
  Executor& executor = open(2);
  std::vector<Future<int>> futures;
  for (int i = 0; i < 5; ++i) futures.push_back(executor.submit<at_once>(i));
  EXPECT_EQ(wait(futures, Until::first_exception).done.size(), 5u);
  EXPECT_TRUE(wait(std::vector<Future<int>>{}, Until::first_completed).done.empty());
}

TEST_P(Waiting, as_completed_yields_futures_in_the_order_of_their_ends) {
  Executor& executor = open(3);
  const auto futures = gated_futures(executor, 3);
  auto ends = as_completed(futures);
  shared(2).add();
  auto at = ends.begin();
  EXPECT_EQ((*at).get(), 2);
  shared(0).add();
  EXPECT_EQ((*++at).get(), 0);
  shared(1).add();
  EXPECT_EQ((*++at).get(), 1);
  EXPECT_TRUE(++at == ends.end());
}

TEST_P(Waiting, as_completed_yields_failures_and_cancelled_ones_too) {
  Executor& executor = open(1);
  const auto running = executor.submit<gated>(0);
  std::vector<Future<int>> futures{executor.submit<failing>(1), executor.submit<at_once>(1)};
  EXPECT_TRUE(futures[1].cancel());
  shared(0).add();
  std::size_t ends = 0, failures = 0;
  for (const auto& future : as_completed(futures)) {
    ++ends;
    failures += future.exception() == nullptr ? 0 : 1;
  }
  EXPECT_EQ(ends, 2u);
  EXPECT_EQ(failures, 2u);
}

TEST_P(Waiting, as_completed_takes_more_while_it_is_iterated) {
  Executor& executor = open(2);
  auto ends = as_completed(std::vector{executor.submit<at_once>(8)});
  std::multiset<int> values;
  for (const auto& future : ends) {
    const int value = future.get();
    values.insert(value);
    if (value == 0) continue;
    ends.add(executor.submit<at_once>(value / 2));
    ends.add(executor.submit<at_once>(0));
    if (value == 8 && values.count(8) == 1) ends.add(future);
  }
  EXPECT_EQ(values.count(0), 10u);
  EXPECT_EQ(values.count(8), 2u) << "added again, it is yielded again";
}

TEST_P(Waiting, as_completed_gives_up_when_its_time_is_over) {
  Executor& executor = open(2);
  const auto futures = gated_futures(executor, 2);
  shared(1).add();
  futures[1].wait();
  auto ends = as_completed(futures, milliseconds(150));
  auto at = ends.begin();
  EXPECT_EQ((*at).get(), 1);
  EXPECT_THROW(++at, TimeoutError);
  EXPECT_TRUE(as_completed(std::vector<Future<int>>{}).begin() == std::default_sentinel);
}

TEST_P(Waiting, futures_of_several_executors_are_waited_for_together) {
  Executor &one = open(1), &two = open(1);
  const std::vector<Future<int>> futures{one.submit<gated>(0), two.submit<gated>(1)};
  shared(1).add();
  EXPECT_EQ(wait(futures, Until::first_completed).done, (std::vector<std::size_t>{1}));
  auto ends = as_completed(futures);
  auto at = ends.begin();
  EXPECT_EQ((*at).get(), 1);
  shared(0).add();
  EXPECT_EQ((*++at).get(), 0);
  EXPECT_EQ(wait(futures).done.size(), 2u);
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Waiters sleep: whoever waits must not take a core from the workers.
TEST_P(Waiting, costs_no_cpu_however_many_wait) {
  Executor& executor = open(1);
  const auto future = executor.submit<gated>(0);
  const double before = cpu_seconds();
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) waiters.emplace_back([&] { future.wait(milliseconds(300)); });
  for (auto& waiter : waiters) waiter.join();
  EXPECT_LT(cpu_seconds() - before, 0.1);
  EXPECT_FALSE(future.done());
}

}  // namespace
}  // namespace acre::test

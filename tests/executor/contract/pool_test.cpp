// Pool and Parallel: Python's multiprocessing.Pool and joblib, in their words.
#include <algorithm>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

int square(int value) { return value * value; }
int product(int a, int b) { return a * b; }
void counted(int) { shared(5).add(); }
int gated(int value) {
  shared(0).add();
  shared(1).await(1);
  return value;
}
int odd_fails(int value) {
  shared(5).add();
  if (value % 2 != 0) throw std::out_of_range(std::to_string(value));
  return value;
}
std::unique_ptr<int> owned(int value) { return std::make_unique<int>(value); }

class Pools : public Contract {
 protected:
  static ExecutorOptions workers(int number) {
    return {.workers = GetParam() == StartMethod::serial ? 1 : number, .start = GetParam()};
  }
};
using PoolsBeside = Pools;
using PoolsOfProcesses = Pools;
INSTANTIATE_TEST_SUITE_P(Contract, Pools, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, PoolsBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, PoolsOfProcesses, processes, method_name);

std::vector<int> up_to(int end) {
  std::vector<int> items(static_cast<std::size_t>(end));
  std::iota(items.begin(), items.end(), 0);
  return items;
}
std::vector<int> squares(int end) {
  std::vector<int> values = up_to(end);
  for (int& value : values) value *= value;
  return values;
}

TEST_P(Pools, apply_and_map_wait) {
  Pool pool(session(), workers(2));
  EXPECT_EQ(pool.apply<square>(7), 49);
  EXPECT_EQ((pool.apply<product>(6, 7)), 42);
  pool.apply<counted>(1);
  EXPECT_EQ(shared(5).get(), 1u);
  EXPECT_EQ(*pool.apply<owned>(3), 3);
  EXPECT_EQ(pool.map<square>(up_to(3000)), squares(3000)) << "more than one batch";
  EXPECT_EQ(pool.map<square>(up_to(50), 7), squares(50));
  EXPECT_EQ(pool.map<square>({1, 2, 3}), (std::vector{1, 4, 9}));
  EXPECT_TRUE(pool.map<square>(std::vector<int>{}).empty());
  EXPECT_EQ(*pool.map<owned>(up_to(3)).at(2), 2);
  pool.map<counted>(up_to(9));
  EXPECT_EQ(shared(5).get(), 10u);
  EXPECT_EQ(pool.starmap<product>(std::vector{std::pair(2, 3), std::pair(4, 5)}), (std::vector{6, 20}));
  EXPECT_EQ(pool.starmap_async<product>({{2, 3}, {4, 5}}).get(), (std::vector{6, 20}));
}

TEST_P(PoolsBeside, asynchronous_results_are_ready_later) {
  Pool pool(session(), workers(2));
  const auto one = pool.apply_async<gated>(5);
  const auto all = pool.map_async<gated>({1, 2});
  EXPECT_FALSE(one.ready());
  EXPECT_THROW(static_cast<void>(one.successful()), Error);
  EXPECT_THROW(static_cast<void>(all.successful()), Error);
  EXPECT_THROW(all.get(milliseconds(1)), TimeoutError);
  EXPECT_FALSE(all.wait(milliseconds(1)));
  shared(1).set(1);
  EXPECT_EQ(all.get(), (std::vector{1, 2}));
  EXPECT_EQ(one.get(), 5);
  EXPECT_TRUE(one.ready());
  EXPECT_TRUE(one.successful());
  EXPECT_TRUE(all.successful());
}

TEST_P(Pools, a_map_that_fails_has_run_all_its_items) {
  Pool pool(session(), workers(2));
  try {
    pool.map<odd_fails>(up_to(10));
    FAIL() << "five of them fail";
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "1") << "the first in order";
  }
  EXPECT_EQ(shared(5).get(), 10u);
  const auto failed = pool.apply_async<odd_fails>(1);
  failed.wait();
  EXPECT_FALSE(failed.successful());
  EXPECT_THROW(pool.apply<odd_fails>(3), Thrown<std::out_of_range>);
}

TEST_P(Pools, callbacks_have_returned_when_the_result_is_ready) {
  Pool pool(session(), workers(2));
  std::vector<int> results;
  int failures = 0;
  const auto note_failure = [&](const std::exception_ptr& error) {
    EXPECT_THROW(std::rethrow_exception(error), std::out_of_range);
    ++failures;
  };
  const auto note = [&](int value) { results.push_back(value); };
  EXPECT_EQ(pool.apply_async_with<odd_fails>({.callback = note, .error_callback = note_failure}, 4).get(), 4);
  EXPECT_EQ(results, std::vector{4});
  const auto failed = pool.apply_async_with<odd_fails>({.callback = note, .error_callback = note_failure}, 5);
  EXPECT_THROW(failed.get(), Thrown<std::out_of_range>);
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(results.size(), 1u);
  const auto all = [&](const std::vector<int>& values) { results = values; };
  EXPECT_EQ(pool.map_async<square>(up_to(3), 0, {.callback = all}).get(), squares(3));
  EXPECT_EQ(results, squares(3));
  EXPECT_THROW(pool.map_async<odd_fails>({1}, 0, {.error_callback = note_failure}).get(), std::out_of_range);
  bool called = false;
  pool.apply_async_with<counted>({.callback = [&] { called = true; }}, 1).get();
  EXPECT_TRUE(called);
  EXPECT_EQ(*pool.apply_async_with<owned>({.callback = [&](const auto& v) { called = *v == 2; }}, 2).get(),
            2);
}

TEST_P(Pools, imap_yields_one_after_another_and_goes_on_after_failures) {
  Pool pool(session(), workers(2));
  std::vector<int> values;
  for (const int value : pool.imap<square>(CountUp(100), 5)) values.push_back(value);
  EXPECT_EQ(values, squares(100));
  values.clear();
  for (const int value : pool.imap_unordered<square>(up_to(100))) values.push_back(value);
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, squares(100));
  auto some = pool.imap<odd_fails>({0, 1, 2});
  EXPECT_EQ(some.next(), 0);
  EXPECT_THROW(some.next(), Thrown<std::out_of_range>);
  EXPECT_EQ(some.next(), 2);
  EXPECT_EQ(some.next(), std::nullopt);
  EXPECT_EQ(some.next(), std::nullopt);
}

TEST_P(PoolsBeside, imap_gives_up_when_the_time_of_one_result_is_over) {
  Pool pool(session(), workers(1));
  auto values = pool.imap<gated>({7, 8});
  EXPECT_THROW(values.next(milliseconds(5)), TimeoutError);
  shared(1).set(1);
  EXPECT_EQ(values.next(), 7);
  EXPECT_EQ(values.next(std::chrono::hours(1)), 8);
  EXPECT_EQ(values.next(milliseconds(0)), std::nullopt);
}

TEST_P(Pools, takes_nothing_once_closed_and_is_joined_only_then) {
  Pool pool(session(), workers(1));
  const auto before = pool.map_async<square>(up_to(20));
  EXPECT_THROW(pool.join(), Error);
  pool.close();
  EXPECT_THROW(pool.apply<square>(1), Error);
  EXPECT_THROW(pool.apply_async<square>(1), Error);
  EXPECT_THROW(pool.map<square>({1}), Error);
  EXPECT_THROW(pool.imap<square>({1}), Error);
  EXPECT_THROW(pool.imap_unordered<square>({1}), Error);
  pool.join();
  EXPECT_TRUE(before.ready());
  EXPECT_EQ(before.get(), squares(20));
  pool.join();
}

TEST_P(PoolsOfProcesses, terminate_ends_what_runs_at_once) {
  Pool pool(session(), workers(1));
  const auto running = pool.apply_async<gated>(1);
  const auto waiting = pool.map_async<gated>(up_to(5));
  shared(0).await(1);
  const Instant begin = now();
  pool.terminate();
  EXPECT_LT(now() - begin, std::chrono::seconds(10)) << "the gate would have been waited for longer";
  EXPECT_THROW(running.get(), ExecutorBroken);
  EXPECT_THROW(waiting.get(), TaskCancelled);
  EXPECT_THROW(pool.apply<square>(1), Error);
  pool.join();
}

TEST_P(PoolsOfProcesses, its_end_terminates_it) {
  std::optional<AsyncResult<int>> running;
  {
    Pool pool(session(), workers(1));
    running.emplace(pool.apply_async<gated>(1));
    shared(0).await(1);
  }
  EXPECT_TRUE(running->ready());
  EXPECT_THROW(running->get(), ExecutorBroken);
}

class Loops : public testing::Test {
 protected:
  Loops() { reset_shared(); }
};

TEST_F(Loops, yield_all_results_in_order) {
  for (const int n_jobs : {-1, 1, 2}) {
    Parallel parallel(session(), {.n_jobs = n_jobs});
    EXPECT_EQ(parallel.map<square>(up_to(3000)), squares(3000));
    EXPECT_EQ(*parallel.map<owned>(CountUp(3)).at(2), 2);
    const std::uint32_t before = shared(5).get();
    parallel.map<counted>(up_to(10));
    EXPECT_EQ(shared(5).get(), before + 10);
    int sum = 0;
    for (const int value : parallel.lazily<square>({1, 2, 3})) sum += value;
    EXPECT_EQ(sum, 14);
    EXPECT_THROW(parallel.map<odd_fails>(up_to(4)), Thrown<std::out_of_range>);
  }
}

TEST_F(Loops, have_as_many_workers_as_joblib_would) {
  const int all = session().default_workers();
  const auto workers = [](int n_jobs) { return Parallel(session(), {.n_jobs = n_jobs}).workers(); };
  EXPECT_EQ(workers(-1), static_cast<std::uint32_t>(all));
  EXPECT_EQ(workers(-2), static_cast<std::uint32_t>(std::max(1, all - 1)));
  EXPECT_EQ(workers(-1000), 1u);
  EXPECT_EQ(workers(1), 1u);
  EXPECT_EQ(workers(3), 3u);
  EXPECT_THROW(workers(0), Error);
}

TEST_F(Loops, of_one_job_run_here) {
  Parallel parallel(session(), {.n_jobs = 1});
  const auto here = std::this_thread::get_id();
  static std::thread::id there;
  parallel.map<[](int) { there = std::this_thread::get_id(); }>({1});
  EXPECT_EQ(there, here);
}

}  // namespace
}  // namespace acre::test

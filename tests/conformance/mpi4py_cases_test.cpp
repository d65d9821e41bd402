// The cases of mpi4py.futures: bootup, unordered and star maps, several executors, then().
#include <algorithm>
#include <numeric>
#include <thread>

#include "conformance/conformance.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

using Mpi4pyCases = Conformance;
using Mpi4pyCasesBeside = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, Mpi4pyCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, Mpi4pyCasesBeside, beside, backend);

TEST_P(Mpi4pyCases, init) {
  Executor executor = session().executor({.start = GetParam()});
  EXPECT_EQ(executor.submit<echo>(1).get(), 1);
}

TEST_P(Mpi4pyCasesBeside, init_args) {
  Executor& executor = open(1);
  EXPECT_TRUE(executor.bootup());
  EXPECT_EQ(executor.workers(), static_cast<std::uint32_t>(session().nodes()));
}

int global(int value) { return value; }
bool check_global(Preloaded<int> value, int expected) { return *value == expected; }

TEST_P(Mpi4pyCases, init_globals) {
  Executor& executor = open({.workers = 2, .preload = hook<global>(42)});
  EXPECT_TRUE(executor.submit<check_global>(42).get());
  EXPECT_FALSE(executor.submit<check_global>(24).get());
}

TEST_P(Mpi4pyCases, bootup) {
  Executor& executor = open(1);
  EXPECT_TRUE(executor.bootup());
  EXPECT_TRUE(executor.bootup());
  executor.shutdown();
  EXPECT_THROW(executor.bootup(), ExecutorBroken);
}

TEST_P(Mpi4pyCases, bootup_wait) {
  Executor& executor = open(2);
  EXPECT_TRUE(executor.bootup(seconds(30)));
  EXPECT_EQ(executor.submit<echo>(1).get(), 1);
}

TEST_P(Mpi4pyCases, bootup_nowait_wait) {
  Executor& executor = open(1);
  static_cast<void>(executor.bootup(Duration{0}));
  EXPECT_TRUE(executor.bootup());
}

TEST_P(Mpi4pyCases, bootup_shutdown_nowait) {
  Executor& executor = open(1);
  static_cast<void>(executor.bootup(Duration{0}));
  executor.shutdown();
  EXPECT_THROW(executor.submit<echo>(1).get(), ExecutorBroken);
}

TEST_P(Mpi4pyCasesBeside, submit_cancel) {
  Executor& executor = open(1);
  const auto running = occupy(executor);
  auto second = executor.submit<echo>(0);
  EXPECT_TRUE(take_back(second));
  shared(gate).set(1);
  EXPECT_EQ(running[0].get(), 0);
  EXPECT_FALSE(running[0].cancelled());
  EXPECT_TRUE(second.cancelled());
}

std::vector<std::pair<int, int>> pairs(int end) {
  std::vector<std::pair<int, int>> all;
  for (int i = 0; i < end; ++i) all.emplace_back(i, i);
  return all;
}
std::vector<int> squares(int end) {
  std::vector<int> all;
  for (int i = 0; i < end; ++i) all.push_back(i * i);
  return all;
}

TEST_P(Mpi4pyCases, starmap) {
  Executor& executor = open();
  EXPECT_EQ(list(executor.starmap<mul>(pairs(10))), squares(10));
  EXPECT_EQ(list(executor.starmap<mul>(zip(upto(10), upto(12)))), squares(10)) << "a single-pass range";
}

TEST_P(Mpi4pyCases, starmap_chunksize) {
  Executor& executor = open();
  for (const std::uint32_t chunk : {6U, 50U, 40U}) {
    EXPECT_EQ(list(executor.starmap<mul>(pairs(40), {.chunk = chunk})), squares(40));
    EXPECT_EQ(list(executor.starmap<mul>(zip(upto(40), upto(40)), {.chunk = chunk})), squares(40));
  }
}

TEST_P(Mpi4pyCases, map_timeout_one) {
  EXPECT_EQ(list(open().map<square>(upto(3), {.timeout = seconds(30)})), squares(3));
}

template <class R>
std::vector<int> sorted(R&& results) {
  std::vector<int> values = list(results);
  std::sort(values.begin(), values.end());
  return values;
}

TEST_P(Mpi4pyCases, map_unordered) {
  Executor& executor = open();
  EXPECT_EQ(sorted(executor.map_unordered<square>(upto(10))), squares(10));
  EXPECT_EQ(sorted(executor.starmap_unordered<mul>(pairs(10))), squares(10));
}

int held_if_first(int x) { return x == 0 ? held(x) : x; }

TEST_P(Mpi4pyCasesBeside, map_unordered_timeout) {
  auto results = open(2).map_unordered<held_if_first>(upto(4), {.timeout = milliseconds(500)});
  std::vector<int> values;
  EXPECT_THROW(
      {
        for (const int value : results) values.push_back(value);
      },
      TimeoutError);
  EXPECT_EQ(std::count(values.begin(), values.end(), 0), 0);
  EXPECT_LE(values.size(), 3u);
}

TEST_P(Mpi4pyCases, map_unordered_timeout_one) {
  EXPECT_EQ(sorted(open().map_unordered<square>(upto(3), {.timeout = seconds(30)})), squares(3));
}

TEST_P(Mpi4pyCases, map_unordered_exception) {
  Executor& executor = open();
  auto results = executor.starmap_unordered<divided>(zip(std::vector{1, 1, 1}, std::vector{2, 3, 0}));
  int values = 0, failures = 0;
  for (bool ended = false; !ended;) {
    try {
      for (const auto& value : results) values += value == std::pair(0, 1) ? 1 : 0;
      ended = true;
    } catch (const std::domain_error&) {
      ++failures;
    }
  }
  EXPECT_EQ(values, 2);
  EXPECT_EQ(failures, 1);
}

TEST_P(Mpi4pyCases, map_unordered_chunksize) {
  Executor& executor = open();
  for (const std::uint32_t chunk : {6U, 50U, 40U})
    EXPECT_EQ(sorted(executor.map_unordered<square>(upto(40), {.chunk = chunk})), squares(40));
}

TEST_P(Mpi4pyCases, multiple_executors) {
  std::vector<Executor*> executors{&open(1), &open(1), &open(1)};
  std::vector<Future<int>> futures;
  for (int i = 0; i < 300; ++i)
    futures.push_back(executors[static_cast<std::size_t>(i / 100)]->submit<absolute>(-i));
  wait(futures);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(Mpi4pyCases, shared_executors) {
  std::vector<Executor> executors;
  for (int i = 0; i < 8; ++i) executors.push_back(make({.workers = 1}));
  std::vector<Future<int>> futures;
  for (int i = 0; i < 256; ++i)
    futures.push_back(executors[static_cast<std::size_t>(i % 8)].submit<absolute>(-i));
  for (int i = 0; i < 256; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(Mpi4pyCases, comm_executor_self) {
  Executor& executor = open();
  const auto future = executor.submit<echo>(0);
  EXPECT_EQ(future.get(), 0);
  EXPECT_EQ(future.exception(), nullptr);
  EXPECT_NE(executor.submit<failing>(0).exception(), nullptr);
  EXPECT_EQ(list(executor.map<echo>({0, 0})).size(), 2u);
}

}  // namespace
}  // namespace acre::test

// CPython's cases of Executor: submit, map, workers and their lives.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "conformance/conformance.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

using ExecutorCases = Conformance;
using ExecutorCasesBeside = Conformance;
using ExecutorCasesOfProcesses = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, ExecutorCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, ExecutorCasesBeside, beside, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, ExecutorCasesOfProcesses, in_processes, backend);

TEST_P(ExecutorCases, submit) { EXPECT_EQ(open().submit<power>(2, 8).get(), 256); }

struct Keywords {
  int x = 0, y = 1;
};
ACRE_RECORD(Keywords, x, y)
int mul_of(const Keywords& words) { return words.x * words.y; }

TEST_P(ExecutorCases, submit_keyword) {
  Executor& executor = open();
  EXPECT_EQ(executor.submit<mul_of>(Keywords{.x = 2, .y = 8}).get(), 16);
  EXPECT_EQ(executor.submit<mul_of>(Keywords{.x = 3}).get(), 3);
}

std::vector<int> powers(int end) {
  std::vector<int> values;
  for (int i = 0; i < end; ++i) values.push_back(power(i, i));
  return values;
}

TEST_P(ExecutorCases, map) {
  Executor& executor = open();
  EXPECT_EQ(list(executor.map<power>(upto(9), upto(9))), powers(9));
  EXPECT_EQ(list(executor.starmap<power>(zip(upto(9), upto(9)), {.chunk = 3})), powers(9));
}

TEST_P(ExecutorCases, map_exception) {
  auto results = open().map<divided>(std::vector{1, 1, 1, 1}, std::vector{2, 3, 0, 5});
  auto at = results.begin();
  EXPECT_EQ(*at, std::pair(0, 1));
  EXPECT_EQ(*++at, std::pair(0, 1));
  EXPECT_THROW(++at, std::domain_error);
  EXPECT_EQ(*results.begin(), std::pair(0, 1)) << "unlike a generator, it goes on";
}

int held_if(int x) { return x == 0 ? x : held(x); }

TEST_P(ExecutorCasesBeside, map_timeout) {
  auto results = open().map<held_if>({0, 0, 6}, {.timeout = milliseconds(300)});
  std::vector<int> values;
  EXPECT_THROW(
      {
        for (const int value : results) values.push_back(value);
      },
      TimeoutError);
  EXPECT_LE(values.size(), 2u);
}

TEST_P(ExecutorCasesBeside, executor_map_current_future_cancel) {
  Executor& executor = open(1);
  const auto first = occupy(executor);
  const std::uint32_t before = shared(started).get();
  {
    auto results = executor.map<held>({2, 3}, {.timeout = milliseconds(0)});
    EXPECT_THROW(results.begin(), TimeoutError);
  }
  shared(gate).set(1);
  first[0].get();
  executor.shutdown();
  EXPECT_EQ(shared(started).get(), before) << "neither of them ran";
}

TEST_P(ExecutorCases, map_submits_without_iteration) {
  Executor& executor = open();
  std::uint64_t made = 0;
  {
    const auto results = executor.map<[](std::uint64_t x) { return x; }>(CountUp(10, &made));
    executor.shutdown();
  }
  EXPECT_EQ(made, 0u);
}

TEST_P(ExecutorCases, map_chunksize) {
  Executor& executor = open();
  const auto squares = list(executor.map<square>(upto(40)));
  for (const std::uint32_t chunk : {6U, 50U, 40U})
    EXPECT_EQ(list(executor.map<square>(upto(40), {.chunk = chunk})), squares);
  EXPECT_EQ(list(executor.map<square>(upto(40), {.chunk = 0})), squares) << "0: automatic";
}

TEST_P(ExecutorCases, map_buffersize_on_empty_iterable) {
  EXPECT_TRUE(list(open().map<square>(std::vector<int>{}, {.window = 1})).empty());
}

TEST_P(ExecutorCases, map_buffersize_on_infinite_iterable) {
  const auto echoed = [](std::uint64_t x) { return x; };
  Executor& executor = open();
  auto results = executor.map<echoed>(CountUp(), {.window = 1});
  auto at = results.begin();
  for (std::uint64_t i = 0; i < 4; ++i, ++at) EXPECT_EQ(*at, i);
}

TEST_P(ExecutorCases, map_buffersize_on_multiple_infinite_iterables) {
  Executor& executor = open();
  auto results = executor.starmap<[](std::uint64_t x, std::uint64_t y) { return x + y; }>(
      zip(CountUp(), CountUp()), {.window = 2});
  auto at = results.begin();
  for (std::uint64_t i = 0; i < 4; ++i, ++at) EXPECT_EQ(*at, 2 * i);
}

TEST_P(ExecutorCases, map_buffersize_on_iterable_smaller_than_buffer) {
  EXPECT_EQ(list(open().map<square>(upto(3), {.window = 10})), (std::vector{0, 1, 4}));
}

TEST_P(ExecutorCases, map_buffersize_when_buffer_is_full) {
  std::uint64_t made = 0;
  auto results = open().map<[](std::uint64_t x) { return x; }>(CountUp(20, &made), {.window = 5});
  auto at = results.begin();
  EXPECT_EQ(*at, 0u);
  EXPECT_LE(made, 6u);
  ++at;
  EXPECT_LE(made, 7u);
}

TEST_P(ExecutorCases, shutdown_race_issue12456) {
  Executor& executor = open();
  auto results = executor.map<square>(std::vector<int>(executor.workers() + 1, 2));
  EXPECT_EQ(*results.begin(), 4);
  executor.shutdown();
}

int value_of(const Counted& counted) { return counted.value; }
Counted made(int value) { return Counted(value); }

TEST_P(ExecutorCases, no_stale_references) {
  Executor& executor = open();
  {
    const Counted counted(3);
    executor.submit<value_of>(counted);
  }
  executor.submit<echo>(1).get();
  executor.shutdown();
  EXPECT_EQ(shared(living).get(), 0u);
}

TEST_P(ExecutorCases, ressources_gced_in_workers) {
  Executor& executor = open();
  EXPECT_EQ(executor.submit<value_of>(Counted(5)).get(), 5);
  EXPECT_EQ(shared(living).get(), 0u) << "neither here nor in the worker";
}

TEST_P(ExecutorCases, free_reference) {
  int count = 0;
  for (const Counted& counted : open().map<made>(upto(10), {.window = 1})) {
    EXPECT_EQ(counted.value, count++);
    EXPECT_EQ(shared(living).get(), 1u) << "what was yielded before is gone, and nothing is decoded ahead";
  }
  EXPECT_EQ(shared(living).get(), 0u);
}

TEST_P(ExecutorCases, max_workers_negative) {
  const auto negative = [] { session().executor({.workers = -1, .start = GetParam()}); };
  EXPECT_NE(words_of<Error>(negative).find("workers"), std::string::npos) << words_of<Error>(negative);
  EXPECT_EQ(session().executor({.workers = 0, .start = GetParam()}).submit<echo>(1).get(), 1)
      << "0 leaves the number open";
}

TEST_P(ExecutorCasesBeside, default_workers) {
  Executor executor = session().executor({.start = GetParam()});
  EXPECT_TRUE(executor.bootup());
  EXPECT_EQ(executor.workers(), static_cast<std::uint32_t>(session().default_workers() * session().nodes()));
}

TEST_P(ExecutorCasesBeside, saturation) {
  Executor& executor = open(4);
  const auto first = occupy(executor);
  std::vector<Future<int>> more;
  for (int i = 0; i < 60; ++i) more.push_back(executor.submit<held>(i));
  EXPECT_EQ(executor.workers(), 4u * static_cast<std::uint32_t>(session().nodes()));
  EXPECT_EQ(shared(started).get(), first.size()) << "no more than there are workers";
  shared(gate).set(1);
  executor.shutdown();
  EXPECT_EQ(more[59].get(), 59);
}

TEST_P(ExecutorCasesBeside, idle_thread_reuse) {
  Executor& executor = open(2);
  std::set<int> processes;
  for (int i = 0; i < 20; ++i) processes.insert(executor.submit<process>(i).get());
  executor.bootup();
  EXPECT_LE(processes.size(), executor.workers());
}

TEST_P(ExecutorCasesBeside, idle_process_reuse_multiple) {
  Executor& executor = open(2);
  EXPECT_EQ(executor.submit<mul>(12, 7).get(), 84);
  const auto second = executor.submit<mul>(33, 25);
  EXPECT_EQ(executor.submit<mul>(25, 26).get(), 650);
  EXPECT_EQ(second.get(), 825);
  executor.bootup();
  EXPECT_EQ(executor.workers(), 2u * static_cast<std::uint32_t>(session().nodes()));
}

TEST_P(ExecutorCasesBeside, hang_global_shutdown_lock) {
  Executor& endless = open(1);
  std::atomic<bool> stop = false;
  std::function<void()> again = [&] {
    if (!stop) endless.submit<echo>(1).on_done([&](const Future<int>&) { again(); });
  };
  again();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(make({.workers = 1}).submit<echo>(i).get(), i);
  stop = true;
  endless.shutdown();
}

int killed_once(Context& context, int x) {
  if (context.attempt() == 1) ::raise(SIGTERM), ::raise(SIGKILL);
  return x;
}

TEST_P(ExecutorCasesOfProcesses, killed_child) {
  Executor& executor = open({.workers = 2, .retries = 1});
  EXPECT_EQ(executor.submit<killed_once>(3).get(), 3) << "it is tried again";
  EXPECT_EQ(executor.submit<power>(2, 8).get(), 256) << "and the pool goes on";
}

TEST_P(ExecutorCases, traceback) {
  const auto future = open().submit<failing>(123);
  try {
    future.get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    const auto& info = dynamic_cast<const TaskInfo&>(error);
    EXPECT_STREQ(error.what(), "this is an exception: 123");
    EXPECT_EQ(info.type, "std::runtime_error");
    EXPECT_EQ(info.attempt, 1);
    EXPECT_FALSE(info.host.empty());
  }
}

TEST_P(ExecutorCasesOfProcesses, max_tasks_per_child) {
  Executor& executor = open({.workers = 1, .tasks_per_worker = 3});
  std::map<int, int> tasks;
  for (int i = 0; i < 10; ++i) ++tasks[executor.submit<process>(i).get()];
  EXPECT_GE(tasks.size(), 4u);
  for (const auto& [worker, count] : tasks) EXPECT_LE(count, 3);
}

TEST_P(ExecutorCasesOfProcesses, max_tasks_per_child_defaults_to_spawn_context) {
  Executor executor = session().executor({.workers = 1, .tasks_per_worker = 1});
  EXPECT_EQ(executor.engine()->options().start, StartMethod::fork) << "a zygote may fork at any time";
  EXPECT_EQ(executor.submit<echo>(1).get(), 1);
}

TEST_P(ExecutorCasesOfProcesses, max_tasks_early_shutdown) {
  Executor& executor = open({.workers = 3, .tasks_per_worker = 1});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 6; ++i) futures.push_back(executor.submit<mul>(i, i));
  executor.shutdown();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i * i);
}

}  // namespace
}  // namespace acre::test

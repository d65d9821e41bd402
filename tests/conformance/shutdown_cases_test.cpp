// CPython's cases of shutdown, initializers and killed pools, and those that loky and mpi4py add to them.
#include <map>
#include <set>
#include <thread>

#include "conformance/conformance.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {

using ShutdownCases = Conformance;
using ShutdownCasesBeside = Conformance;
using ShutdownCasesOfProcesses = Conformance;
using InitCases = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, ShutdownCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, ShutdownCasesBeside, beside, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, ShutdownCasesOfProcesses, in_processes, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, InitCases, everywhere, backend);

int initialized(const std::string& status) { return status == "initialized" ? 1 : 0; }
int status(PerWorker<int> value, int) { return *value; }

TEST_P(InitCases, initializer) {
  Executor& executor = open({.workers = 2, .initializer = hook<initialized>(std::string("initialized"))});
  for (const int value : executor.map<status>(upto(20))) EXPECT_EQ(value, 1);
}

int init_fail() { throw std::invalid_argument("error in initializer"); }

TEST_P(InitCases, failing_initializer) {
  Executor& executor = open({.workers = 2, .initializer = hook<init_fail>()});
  const auto future = executor.submit<echo>(1);
  EXPECT_NE(words_of<ExecutorBroken>([&] { future.get(); }).find("error in initializer"), std::string::npos);
}

TEST_P(InitCases, failing_initializer_submit_later) {
  Executor& executor = open({.workers = 2, .initializer = hook<init_fail>()});
  EXPECT_THROW(executor.submit<echo>(1).get(), ExecutorBroken);
  const auto later = executor.submit<echo>(2);
  EXPECT_TRUE(later.done());
  EXPECT_THROW(later.get(), ExecutorBroken);
}

TEST_P(ShutdownCases, run_after_shutdown) {
  Executor& executor = open();
  executor.shutdown();
  const auto future = executor.submit<power>(2, 5);
  EXPECT_TRUE(future.done());
  EXPECT_THROW(future.get(), ExecutorBroken);
}

int note(int number) {
  shared(first_free).add();
  return number;
}

TEST_P(ShutdownCases, interpreter_shutdown) {
  std::vector<Future<int>> futures;
  {
    Executor executor = make({.workers = 4});
    for (int i = 0; i < 8; ++i) futures.push_back(executor.submit<note>(i));
  }
  EXPECT_EQ(shared(first_free).get(), 8u) << "the destructor waits for what was submitted";
  EXPECT_EQ(futures[7].get(), 7);
}

TEST_P(ShutdownCases, submit_after_interpreter_shutdown) {
  Executor executor = make({.workers = 1});
  const Executor taken = std::move(executor);
  const auto future = taken.engine()->options().start;
  EXPECT_EQ(future, GetParam());
  EXPECT_EQ(executor.engine(), nullptr) << "nothing can be submitted to what was moved from";
}

TEST_P(ShutdownCases, hang_issue12364) {
  Executor& executor = open();
  std::vector<Future<int>> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(executor.submit<echo>(i));
  executor.shutdown();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(ShutdownCasesOfProcesses, cancel_futures) {
  Executor& executor = open(2);
  const auto running = occupy(executor);
  std::vector<Future<int>> waiting;
  for (int i = 0; i < 50; ++i) waiting.push_back(executor.submit<note>(i));
  executor.shutdown(true);
  for (const auto& future : waiting) {
    EXPECT_TRUE(future.done());
    EXPECT_THROW(future.get(), TaskError) << "it was cancelled, or the executor ended first";
  }
  for (const auto& future : running) EXPECT_NE(future.exception(), nullptr) << "they were ended";
  EXPECT_EQ(shared(first_free).get(), 0u);
}

TEST_P(ShutdownCasesBeside, hang_gh83386) {
  Executor& executor = open();
  const auto running = executor.submit<held>(5);
  shared(started).await(1);
  std::thread shutdown([&] { executor.shutdown(); });
  EXPECT_FALSE(running.wait(milliseconds(20))) << "the task goes on while another thread shuts down";
  shared(gate).set(1);
  shutdown.join();
  EXPECT_EQ(running.get(), 5);
}

TEST_P(ShutdownCasesBeside, hang_gh94440) {
  Executor& executor = open(1);
  EXPECT_EQ(executor.submit<echo>(0).get(), 0);
  auto last = executor.submit<echo>(1);
  last.cancel();
  executor.shutdown();
  EXPECT_TRUE(last.done());
}

std::vector<pid_t> workers_of(Executor& executor) {
  std::set<pid_t> seen;
  executor.bootup();
  for (int i = 0; i < 100; ++i) seen.insert(executor.submit<process>(i).get());
  return {seen.begin(), seen.end()};
}

TEST_P(ShutdownCasesOfProcesses, processes_terminate) {
  Executor& executor = open(3);
  const std::vector<pid_t> workers = workers_of(executor);
  executor.shutdown();
  EXPECT_TRUE(await_ends(workers, seconds(10)));
}

TEST_P(ShutdownCases, context_manager_shutdown) {
  std::vector<int> numbers;
  for (int i = -5; i < 5; ++i) numbers.push_back(i);
  std::shared_ptr<executor::Engine> engine;
  {
    Executor executor = make({.workers = 3});
    engine = executor.engine();
    EXPECT_EQ(list(executor.map<absolute>(numbers)), (std::vector{5, 4, 3, 2, 1, 0, 1, 2, 3, 4}));
  }
  Executor ended(engine);
  EXPECT_THROW(ended.submit<echo>(1).get(), ExecutorBroken) << "the block's end shut it down";
}

TEST_P(ShutdownCases, del_shutdown) {
  std::optional<Results<int>> results;
  std::vector<int> values;
  {
    Executor executor = make({.workers = 3});
    results.emplace(executor.map<absolute>(std::vector{-2, -1, 0, 1}));
    values.push_back(*results->begin());
  }
  EXPECT_EQ(values, (std::vector{2}));
  EXPECT_NO_THROW(results.reset()) << "a map may outlive its executor";
}

TEST_P(ShutdownCasesBeside, shutdown_no_wait) {
  Executor& executor = open(2);
  std::vector<Future<int>> futures;
  for (int i = -5; i < 5; ++i) futures.push_back(executor.submit<held>(i));
  shared(started).await(1);
  std::thread shutdown([&] { executor.shutdown(); });
  for (const auto& future : futures) EXPECT_FALSE(future.done());
  shared(gate).set(1);
  shutdown.join();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i - 5);
}

std::string own_name(int) { return name_of(::getpid()); }

TEST_P(ShutdownCasesOfProcesses, thread_names_default) {
  EXPECT_TRUE(open(1).submit<own_name>(1).get().starts_with("acre worker"));
}

TEST_P(ShutdownCasesOfProcesses, kill_workers) {
  Executor& executor = open(2);
  const auto running = occupy(executor);
  const Instant begin = now();
  executor.shutdown(true);
  EXPECT_LT(now() - begin, seconds(5));
  for (const auto& future : running) EXPECT_THROW(future.get(), ExecutorBroken);
}

TEST_P(ShutdownCasesOfProcesses, terminate_workers) {
  Executor& executor = open(2);
  const std::vector<pid_t> workers = workers_of(executor);
  const auto running = occupy(executor);
  executor.shutdown(true);
  EXPECT_TRUE(await_ends(workers, seconds(10)));
}

TEST_P(ShutdownCases, shutdown_twice) {
  Executor& executor = open();
  EXPECT_EQ(executor.submit<echo>(1).get(), 1);
  executor.shutdown();
  executor.shutdown();
  executor.shutdown(true);
}

}  // namespace
}  // namespace acre::test

// Loky's own cases: crashes that cost one task, executors that outlive their handle, threads and callbacks
// that submit, pools inside pools, sizes that change.
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <acre/launch/environment.hpp>

#include "conformance/conformance.hpp"
#include "executor/ranges.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {

using LokyCases = Conformance;
using LokyCasesHere = Conformance;  // tasks of other processes see nothing of an executor
using LokyCasesBeside = Conformance;
using LokyCasesOfProcesses = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, LokyCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, LokyCasesHere,
                         testing::Values(StartMethod::serial, StartMethod::threads), backend);
INSTANTIATE_TEST_SUITE_P(Conformance, LokyCasesBeside, beside, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, LokyCasesOfProcesses, in_processes, backend);

TEST_P(LokyCasesBeside, processes_terminate_on_executor_gc) {
  std::vector<Future<int>> futures;
  std::thread opener([] {
    shared(started).await(1);
    shared(gate).set(1);
  });
  {
    Executor executor = make({.workers = 2});
    for (int i = 0; i < 10; ++i) futures.push_back(executor.submit<held>(i));
  }
  opener.join();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
}

int crash(int x) {
  ::signal(SIGSEGV, SIG_DFL);
  ::raise(SIGSEGV);
  return x;
}
int crash_when_told(int x) { return crash(held(x)); }

TEST_P(LokyCasesOfProcesses, processes_crash_handling_after_executor_gc) {
  std::vector<Future<int>> easy;
  std::optional<Future<int>> crashing;
  std::thread opener([] {
    shared(started).await(1);
    shared(gate).set(1);
  });
  {
    Executor executor = make({.workers = 2, .retries = 0});
    for (int i = 0; i < 5; ++i) easy.push_back(executor.submit<echo>(i));
    crashing.emplace(executor.submit<crash_when_told>(1));
  }
  opener.join();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(easy[static_cast<std::size_t>(i)].get(), i);
  const std::string words = words_of<WorkerLost>([&] { crashing->get(); });
  EXPECT_NE(words.find("SIGSEGV"), std::string::npos) << words;
}

int with_children(int) {
  const pid_t child = ::getpid();
  shared(first_free).set(static_cast<std::uint32_t>(child));
  return held(child);
}

TEST_P(LokyCasesOfProcesses, shutdown_and_kill_workers) {
  Executor& executor = open(2);
  const auto future = executor.submit<with_children>(1);
  shared(started).await(1);
  const Instant begin = now();
  executor.shutdown(true);
  EXPECT_LT(now() - begin, seconds(5));
  EXPECT_THROW(future.get(), ExecutorBroken);
  EXPECT_TRUE(await_ends({static_cast<pid_t>(shared(first_free).get())}, seconds(5)));
}

TEST_P(LokyCasesOfProcesses, killed_child_with_cancelled_work_items) {
  Executor& executor = open({.workers = 1, .retries = 0});
  auto running = occupy(executor);
  std::vector<Future<int>> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(executor.submit<process>(i));
  for (std::size_t i = 0; i < 50; i += 2) EXPECT_TRUE(take_back(futures[i]));
  shared(gate).set(1);
  const auto crashing = executor.submit<crash>(1);
  EXPECT_THROW(crashing.get(), WorkerLost);
  for (std::size_t i = 1; i < 50; i += 2) EXPECT_GT(futures[i].get(), 1);
}

struct Falsey {
  explicit operator bool() const { return false; }
};
int raise_falsey(int) { throw Falsey{}; }

TEST_P(LokyCases, falsey_exception) {
  EXPECT_NE(open().submit<raise_falsey>(1).exception(), nullptr);
  EXPECT_FALSE(open().submit([](bool no) { return no; }, false).get()) << "nor is a falsey value a failure";
}

double root(double x) { return x * 0.5; }

// What one of many threads does with an executor that all of them share.
void use(Executor& executor, std::atomic<int>& fine) {
  auto first = executor.map<root>(std::vector<double>(40, 8));
  std::vector<Future<int>> futures;
  for (int i = 0; i < 20; ++i) futures.push_back(executor.submit<echo>(i));
  for (std::size_t i = 0; i < 20; i += 2) static_cast<void>(futures[i].cancel());
  auto second = executor.map<root>(std::vector<double>(40, 6));
  bool all = list(first) == std::vector<double>(40, 4) && list(second) == std::vector<double>(40, 3);
  for (std::size_t i = 0; i < 20; ++i)
    if (i % 2 == 1 || !futures[i].cancelled()) all &= futures[i].get() == static_cast<int>(i);
  fine += all ? 1 : 0;
}

TEST_P(LokyCases, thread_safety) {
  Executor& executor = open(2);
  std::atomic<int> fine = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) threads.emplace_back([&] { use(executor, fine); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fine, 10);
}

std::pair<std::string, int> inputs(const std::string& name, int count) { return {name, count}; }

TEST_P(LokyCases, submit_from_callback) {
  Executor& executor = open(2);
  std::mutex mutex;
  std::map<std::string, std::vector<int>> collected;
  std::function<void(const std::string&, int)> go_on = [&](const std::string& name, int count) {
    executor.submit<inputs>(name, count).on_done([&](const Future<std::pair<std::string, int>>& done) {
      const auto [which, left] = done.get();
      {
        const std::lock_guard lock(mutex);
        collected[which].push_back(left);
      }
      if (left > 0)
        go_on(which, left - 1);
      else
        shared(called).add();
    });
  };
  go_on("chain a", 30);
  go_on("chain b", 15);
  go_on("chain c", 20);
  shared(called).await(3);
  const std::lock_guard lock(mutex);
  for (const auto& [name, last] : {std::pair("chain a", 30), {"chain b", 15}, {"chain c", 20}}) {
    std::vector<int> falling = upto(last + 1);
    std::reverse(falling.begin(), falling.end());
    EXPECT_EQ(collected[name], falling) << name;
  }
}

// A codec is part of the type: what it does on the way in and out is done once each.
struct MyObject {
  int value = 0;
};
}  // namespace
}  // namespace acre::test
template <>
struct acre::wire::Codec<acre::test::MyObject> {
  static void encode(Writer& writer, const acre::test::MyObject& object) {
    wire::encode(writer, object.value + 5);
  }
  static acre::test::MyObject decode(Reader& reader) { return {7 * wire::decode<int>(reader)}; }
};
namespace acre::test {
namespace {

int value_of(const MyObject& object) { return object.value; }

TEST_P(LokyCases, serialization) { EXPECT_EQ(open().submit<value_of>(MyObject{1}).get(), 42); }

int open_inside(int depth) {
  try {
    Executor inner = session().executor({.workers = 1});
    return inner.submit<open_inside>(depth - 1).get();
  } catch (const WouldDeadlock&) {
    return -1;
  }
}

TEST_P(LokyCasesHere, max_depth) {
  EXPECT_EQ(open().submit<open_inside>(1).get(), -1) << "tasks get no executors, so there is no depth";
}

TEST_P(LokyCasesOfProcesses, exited_child) {
  Executor& executor = open({.workers = 2, .retries = 0});
  const auto future = executor.submit([](int status) -> int { ::_exit(status); }, 42);
  try {
    future.get();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const WorkerLost& lost) {
    EXPECT_EQ(lost.exit_code, 42);
    EXPECT_EQ(lost.signal, 0);
  }
  EXPECT_EQ(executor.submit<power>(2, 8).get(), 256);
}

int variable(int) {
  const launch::Environment environment = launch::read_environment();
  const std::string* value = launch::find(environment, "CONFORMANCE_CHILD");
  return value == nullptr ? 0 : std::stoi(*value);
}
void set_variable(int value) { ::setenv("CONFORMANCE_CHILD", std::to_string(value).c_str(), 1); }

TEST_P(LokyCasesOfProcesses, child_env_executor) {
  Executor& executor = open({.workers = 1, .initializer = hook<set_variable>(17)});
  EXPECT_EQ(executor.submit<variable>(1).get(), 17);
  EXPECT_EQ(variable(1), 0) << "the program has its own";
}

std::vector<std::vector<char>> leaked;
int leak(int) {
  leaked.emplace_back(std::size_t{4} << 20, 'x');
  return ::getpid();
}

TEST_P(LokyCasesOfProcesses, memory_leak_protection) {
  constexpr std::size_t limit = std::size_t{256} << 20;
  Executor& executor = open({.workers = 1, .memory_limit_bytes = limit});
  std::set<int> workers;
  for (int i = 0; i < 500 && workers.size() < 2; ++i) workers.insert(executor.submit<leak>(i).get());
  EXPECT_EQ(workers.size(), 2u) << "a leaking worker is replaced between two tasks";
}

TEST_P(LokyCasesBeside, reusable_executor_resize) {
  Executor& executor = open(2);
  executor.bootup();
  const auto nodes = static_cast<std::uint32_t>(session().nodes());
  for (const int workers : {4, 1, 3}) {
    executor.resize(workers);
    executor.bootup();
    EXPECT_EQ(list(executor.map<square>(upto(20))).back(), 361);
    EXPECT_GE(executor.workers(), static_cast<std::uint32_t>(workers) * nodes);
  }
}

TEST_P(LokyCasesBeside, reusable_executor_invalid_process_number) {
  Executor& executor = open(1);
  EXPECT_THROW(executor.resize(0), Error);
  EXPECT_THROW(executor.resize(-1), Error);
  EXPECT_EQ(executor.submit<echo>(1).get(), 1);
}

TEST_P(LokyCasesOfProcesses, reusable_executor_kill_after_resize_call) {
  Executor& executor = open({.workers = 2, .retries = 0});
  const int worker = executor.submit<process>(1).get();
  executor.resize(1);
  EXPECT_THROW(executor.submit<crash>(1).get(), WorkerLost);
  EXPECT_GT(executor.submit<process>(1).get(), 1);
  EXPECT_GT(worker, 1);
}

TEST_P(LokyCasesOfProcesses, crash_races) {
  Executor& executor = open({.workers = 3, .retries = 0});
  for (int round = 0; round < 3; ++round) {
    std::vector<Future<int>> crashing;
    for (int i = 0; i < 3; ++i) crashing.push_back(executor.submit<crash>(i));
    for (const auto& future : crashing) EXPECT_THROW(future.get(), WorkerLost);
    EXPECT_EQ(list(executor.map<square>(upto(4))), (std::vector{0, 1, 4, 9}));
  }
}

}  // namespace
}  // namespace acre::test

// What is peculiar to a start method: where tasks run, what it refuses, and what a task may not do there.
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

#include <acre/launch/environment.hpp>

#include "executor/contract/contract.hpp"
#include "executor/refusals.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {

using Methods = Contract;
using MethodsOfProcesses = Contract;
using MethodsWithoutProcesses = Contract;
constexpr std::array without_processes{StartMethod::threads, StartMethod::serial};
INSTANTIATE_TEST_SUITE_P(Contract, Methods, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, MethodsOfProcesses, processes, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, MethodsWithoutProcesses, testing::ValuesIn(without_processes),
                         method_name);

pid_t own_process() { return ::getpid(); }
pid_t own_thread() { return ::gettid(); }

TEST_P(Methods, run_tasks_where_they_say) {
  Executor executor = open({.workers = 1});
  const pid_t process = executor.submit<own_process>().get(), thread = executor.submit<own_thread>().get();
  EXPECT_EQ(process == ::getpid(), GetParam() == StartMethod::threads || GetParam() == StartMethod::serial);
  EXPECT_EQ(thread == ::gettid(), GetParam() == StartMethod::serial);
  EXPECT_EQ(executor.workers(), 1u);
}

pid_t loaded_by() { return ::gettid(); }
pid_t loader(Preloaded<pid_t> thread) { return *thread; }

TEST(Threads, run_the_preload_on_one_of_them) {
  Executor executor =
      session().executor({.workers = 2, .start = StartMethod::threads, .preload = hook<loaded_by>()});
  const pid_t thread = executor.submit<loader>().get();
  EXPECT_NE(thread, ::gettid());
  EXPECT_TRUE(std::filesystem::exists("/proc/self/task/" + std::to_string(thread)));
}

// Every word of it: a debugger's user sees main, submit and the task on one stack.
TEST(Serial, tasks_have_ended_when_submit_returns_and_when_an_item_is_yielded) {
  reset_shared();
  Executor executor = session().executor({.start = StartMethod::serial});
  const auto count = [](int) {
    shared(1).add();
    return ::gettid();
  };
  const auto future = executor.submit(count, 1);
  EXPECT_TRUE(future.done());
  EXPECT_EQ(shared(1).get(), 1u);
  std::uint32_t ended = 1;
  for (const pid_t thread : executor.map<count>({1, 2, 3, 4, 5})) {
    EXPECT_EQ(thread, ::gettid());
    EXPECT_EQ(shared(1).get(), ++ended) << "no further than the item that is yielded";
  }
  EXPECT_EQ(executor.map_unordered<count>({1}).begin() == std::default_sentinel, false);
  pid_t elsewhere = 0, other = 0;
  std::thread([&] {
    other = ::gettid();
    elsewhere = executor.submit(count, 1).get();
  }).join();
  EXPECT_EQ(elsewhere, other) << "in the thread that submits";
}

Executor* the_executor = nullptr;
std::optional<Future<int>> a_future;

// What a task gets when it uses its own executor, each in its own way.
int refusals(int) {
  int refused = 0;
  const auto count = [&](auto use) {
    try {
      use();
    } catch (const WouldDeadlock&) {
      ++refused;
    }
  };
  count([] { the_executor->submit([](int x) { return x; }, 1); });
  count([] { the_executor->map<[](int x) { return x; }>({1, 2}).begin(); });
  count([] { the_executor->shutdown(); });
  count([] { the_executor->workers(); });
  count([] { session().executor(); });
  if (a_future && !a_future->done()) count([] { a_future->get(); });
  return refused;
}

TEST_P(MethodsWithoutProcesses, tasks_that_use_their_executor_are_told_at_once) {
  Executor executor = open({.workers = 2});
  the_executor = &executor;
  EXPECT_EQ(executor.submit<refusals>(1).get(), 5);
  EXPECT_EQ(executor.submit<refusals>(1).get(), 5) << "and nothing is locked for ever";
}

TEST(Threads, tasks_that_wait_for_a_future_are_told_at_once) {
  reset_shared();
  Executor executor = session().executor({.workers = 2, .start = StartMethod::threads});
  the_executor = &executor;
  a_future = executor.submit(
      [](int x) {
        shared(0).await(1);
        return x;
      },
      1);
  EXPECT_EQ(executor.submit<refusals>(1).get(), 6);
  shared(0).add();
  EXPECT_EQ(a_future->get(), 1);
  a_future.reset();
}

TEST_P(MethodsWithoutProcesses, refuse_what_only_processes_can_do) {
  const std::string why =
      " needs workers that are processes, as nothing can end a thread: leave it out, or take "
      "StartMethod::fork or spawn";
  const auto opening = [](ExecutorOptions options) { return [options] { open(options); }; };
  expect_refused(opening({.task_timeout = std::chrono::seconds(1)}), "task_timeout" + why);
  expect_refused(opening({.speculate_after = 2}), "speculate_after" + why);
  expect_refused(opening({.memory_limit_bytes = std::size_t{1} << 30}), "memory_limit_bytes" + why);
  expect_refused(opening({.tasks_per_worker = 5}), "tasks_per_worker" + why);
  expect_refused(opening({.threads_per_worker = 2}),
                 "threads_per_worker needs workers that are processes, as OpenMP and BLAS have one limit for "
                 "each: leave it out, or take StartMethod::fork or spawn");
  Executor executor = open();
  const auto one = [](int x) { return x; };
  expect_refused([&] { executor.submit_with({.timeout = std::chrono::seconds(1)}, one, 1); },
                 "a timeout needs workers that are processes, as nothing can end a thread: leave it out, or "
                 "make the executor with StartMethod::fork or spawn");
  EXPECT_EQ(executor.submit(one, 3).get(), 3);
}

TEST(Serial, has_one_worker) {
  expect_refused([] { session().executor({.workers = 2, .start = StartMethod::serial}); },
                 "StartMethod::serial has one worker, the caller's own thread: leave workers out, or take "
                 "threads");
  EXPECT_EQ(session().executor({.start = StartMethod::serial}).workers(), 1u);
}

int die_at_first(Context& context) {
  if (context.attempt() == 1) ::_exit(3);
  return context.attempt();
}

TEST_P(MethodsOfProcesses, lose_one_attempt_with_a_worker) {
  Executor executor = open({.workers = 2, .retries = 1});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 5; ++i) futures.push_back(executor.submit<die_at_first>());
  for (const auto& future : futures) EXPECT_EQ(future.get(), 2);
  Executor strict = open({.workers = 1, .retries = 0});
  EXPECT_THROW(strict.submit<die_at_first>().get(), WorkerLost);
}

// Their descriptors, titles and signals are those of any worker.
TEST_P(MethodsOfProcesses, name_their_workers_and_run_them_below_a_zygote) {
  Executor executor = open({.workers = 1});
  const pid_t worker = executor.submit<own_process>().get();
  EXPECT_TRUE(name_of(worker).starts_with("acre worker")) << name_of(worker);
  EXPECT_EQ(name_of(parent_of(worker)), "acre preloaded");
  const auto death_signal = [](int) {
    int signal = 0;
    ::prctl(PR_GET_PDEATHSIG, &signal);
    return signal;
  };
  EXPECT_EQ(executor.submit(death_signal, 1).get(), SIGKILL);
  const auto variables = [](int) {
    const launch::Environment environment = launch::read_environment();
    return std::count_if(environment.begin(), environment.end(),
                         [](const auto& entry) { return entry.first.starts_with("ACRE_"); });
  };
  EXPECT_EQ(executor.submit(variables, 1).get(), 0) << "commands of tasks must not take it for theirs";
}

}  // namespace
}  // namespace acre::test

// What a task's worker does for it: whether to stop, how long there is, a folder of its own, a log.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"
#include "support/folder.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;
using Stop = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Stop, every_method, method_name);
using StopBeside = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, StopBeside, beside, method_name);
using StopProcesses = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, StopProcesses, processes, method_name);
using Scratch = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Scratch, every_method, method_name);

// Asks until it is told to stop, or a while has passed; then counts.
int until_told(const Context& context) {
  const Instant late = now() + seconds(20);
  bool told = context.stop_requested();
  shared(0).add();
  while (!told && now() < late) {
    ::usleep(200);
    told = context.stop_requested();
  }
  if (told) shared(1).add();
  return told ? 1 : 0;
}
int until_told_by_value(Context& context) { return until_told(context); }
int later(Context&) {
  shared(3).add();
  return 0;
}

TEST_P(Stop, IsAskedForWhenTheRunEnds) {
  Executor executor = open({.workers = 2});
  std::thread ender([&] {
    shared(0).await(1);
    executor.engine()->drain();
  });
  EXPECT_EQ(executor.submit<until_told_by_value>().get(), 1);
  ender.join();
}

TEST_P(StopBeside, IsAskedForByAShutdownThatCancels) {
  Executor executor = open({.workers = 1, .retries = 0, .kill_grace = seconds(20)});
  const auto running = executor.submit<until_told_by_value>();
  std::vector<Future<int>> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(executor.submit<later>());
  std::thread waiter([&] { running.wait(); });
  shared(0).await(1);
  executor.shutdown(true);
  waiter.join();
  EXPECT_EQ(shared(1).get(), 1u) << "the task could return by itself";
  EXPECT_EQ(shared(3).get(), 0u) << "nothing was started after it";
  EXPECT_THROW(waiting[0].get(), TaskCancelled);
}

int hold_on(Context&) {
  shared(0).add();
  ::sleep(25);
  return 0;
}

TEST_P(StopProcesses, DoesNotDelayAShutdownWhoseTasksDoNotAsk) {
  Executor executor = open({.workers = 1, .retries = 0, .kill_grace = seconds(20)});
  const auto running = executor.submit<hold_on>();
  std::thread waiter([&] { running.wait(); });
  shared(0).await(1);
  const Instant begin = now();
  executor.shutdown(true);
  waiter.join();
  EXPECT_LT(now() - begin, seconds(10));
}

int look_when_let_go(Context& context) {
  shared(0).add();
  shared(2).await(1);
  return context.stop_requested() ? 1 : 0;
}

TEST_P(StopBeside, IsNotAskedForByACancelOfATaskThatRuns) {
  Executor executor = open({.workers = 1});
  auto running = executor.submit<look_when_let_go>();
  std::thread waiter([&] { running.wait(); });
  shared(0).await(1);
  EXPECT_FALSE(running.cancel());
  shared(2).set(1);
  waiter.join();
  EXPECT_EQ(running.get(), 0);
}

std::int64_t time_left(Context& context) { return context.remaining().count(); }

TEST_P(Stop, NothingEndsATaskWithoutATimeout) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<time_left>().get(), Duration::max().count());
}

TEST_P(StopProcesses, TheTimeoutTellsHowLongThereIs) {
  Executor executor = open({.workers = 1, .task_timeout = seconds(1000)});
  const Duration left(executor.submit<time_left>().get());
  EXPECT_LE(left, seconds(1000));
  EXPECT_GT(left, seconds(900));
  const Duration own(executor.submit_with<time_left>({.timeout = seconds(100)}).get());
  EXPECT_LE(own, seconds(100));
  EXPECT_GT(own, seconds(50));
  for (const std::int64_t each : executor.map<[](Context&c, int) { return c.remaining().count(); }>({1, 2}))
    EXPECT_LE(Duration(each), seconds(1000));
}

std::string use_scratch(Context& context, int) {
  namespace fs = std::filesystem;
  const std::string folder = context.scratch();
  if (!fs::is_directory(folder) || !fs::is_empty(folder)) return "not a folder, or not empty";
  fs::create_directory(folder + "/inner");
  write_file(folder + "/inner/file", "text");
  if (context.scratch() != folder) return "it changes";
  if (context.index() % 2 == 1) throw std::runtime_error(folder);
  return folder;
}

TEST_P(Scratch, IsEachAttemptsOwnAndGoesWithIt) {
  Executor executor = open({.workers = 2});
  std::set<std::string> folders;
  for (int i = 0; i < 10; ++i) {
    const auto future = executor.submit<use_scratch>(i);
    std::string folder;
    try {
      folder = future.get();
    } catch (const std::runtime_error& error) {
      folder = error.what();
    }
    EXPECT_TRUE(folder.starts_with('/')) << folder;
    EXPECT_FALSE(std::filesystem::exists(folder)) << folder;
    folders.insert(folder);
  }
  EXPECT_EQ(folders.size(), 10u);
}

std::string die_in_scratch(Context& context, const std::string& log) {
  write_file(context.scratch() + "/file", "text");
  write_file(log + "/" + std::to_string(context.attempt()), context.scratch());
  if (context.attempt() == 1) ::raise(SIGKILL);
  return std::filesystem::exists(content_of(log + "/1")) ? "still there" : context.scratch();
}

TEST_P(StopProcesses, ScratchGoesWithAWorkerThatIsKilled) {
  const Folder log;
  Executor executor = open({.workers = 1});
  const std::string folder = executor.submit<die_in_scratch>(log.path()).get();
  EXPECT_TRUE(folder.starts_with('/')) << folder;
  EXPECT_FALSE(std::filesystem::exists(folder));
}

int log_lines(Context& context, int) {
  context.log("one");
  context.log("two\nthree\n");
  context.log("");
  return 0;
}

TEST_P(Stop, ALogIsPrefixedWithItsTask) {
  testing::internal::CaptureStderr();
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<log_lines>(1).get(), 0);
  EXPECT_EQ(executor.submit<log_lines>(1).get(), 0);
  executor.shutdown();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[task 0] one\n[task 0] two\n[task 0] three\n[task 0] \n"
            "[task 1] one\n[task 1] two\n[task 1] three\n[task 1] \n");
}

}  // namespace
}  // namespace acre::test

// How executors over all nodes of a job end: tasks taken back, workers gone, ranks that sleep meanwhile.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cluster/places.hpp"
#include "support/folder.hpp"
#include "support/processes.hpp"
#include "support/program.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {

std::size_t nodes() { return static_cast<std::size_t>(session().nodes()); }

// Notes that it runs, and runs until a file "go" is there.
int wait_for_go(const std::string& folder) {
  write_file(folder + "/blocker-" + std::to_string(::getpid()), "");
  return wait_until([&] { return std::ifstream(folder + "/go").good(); }, std::chrono::seconds(30)) ? 1 : 0;
}

int note(const std::string& folder, int number) {
  write_file(folder + "/note-" + std::to_string(number), "");
  return number;
}

TEST(Ending, QueuedTasksOfEveryNodeAreTakenBack) {
  const Folder folder;
  auto executor = session().executor({.workers = 1});
  await_nodes(executor, session().nodes());
  std::vector<Future<int>> blockers, queued;
  for (std::size_t i = 0; i < nodes(); ++i) blockers.push_back(executor.submit<wait_for_go>(folder.path()));
  ASSERT_TRUE(wait_until([&] { return folder.content().size() == nodes(); })) << "each node has one";
  for (int i = 0; i < 100; ++i) queued.push_back(executor.submit<note>(folder.path(), i));
  for (auto& future : queued) future.cancel();
  wait(queued, Until::all, std::chrono::seconds(10));
  for (const auto& future : queued) EXPECT_TRUE(future.cancelled()) << future.index();
  write_file(folder / "go", "");
  for (const auto& future : blockers) EXPECT_EQ(future.get(), 1);
  EXPECT_EQ(folder.content().size(), nodes() + 1) << "none of those that were cancelled has run";
}

TEST(Ending, WhatRunsIsNotTakenBack) {
  const Folder folder;
  auto executor = session().executor({.workers = 1});
  await_nodes(executor, session().nodes());
  std::vector<Future<int>> blockers;
  for (std::size_t i = 0; i < nodes(); ++i) blockers.push_back(executor.submit<wait_for_go>(folder.path()));
  ASSERT_TRUE(wait_until([&] { return folder.content().size() == nodes(); }));
  for (auto& future : blockers) EXPECT_FALSE(future.cancel());
  write_file(folder / "go", "");
  for (const auto& future : blockers) EXPECT_EQ(future.get(), 1);
}

std::vector<pid_t> workers_of_this_job() {
  std::vector<pid_t> workers;
  for (const pid_t process : descendants_of(parent_of(::getpid())))
    if (name_of(process).starts_with("acre worker")) workers.push_back(process);
  return workers;
}

TEST(Ending, ClosedExecutorsLeaveNoWorkers) {
  const Folder folder;
  for (int i = 0; i < 3; ++i) {
    auto executor = session().executor({.workers = 2});
    EXPECT_EQ(executor.submit<note>(folder.path(), i).get(), i);
  }
  EXPECT_TRUE(wait_until([] { return workers_of_this_job().empty(); }));
}

int never_end() {
  for (;;) ::pause();
}

TEST(Ending, CancellingShutdownEndsRunningTasksOnEveryNode) {
  auto executor = session().executor({.workers = 1});
  await_nodes(executor, session().nodes());
  std::vector<Future<int>> endless;
  for (std::size_t i = 0; i < 3 * nodes(); ++i) endless.push_back(executor.submit<never_end>());
  const Instant begin = now();
  executor.shutdown(true);
  EXPECT_LT(now() - begin, std::chrono::seconds(5));
  for (const auto& future : endless) EXPECT_THROW(future.get(), TaskError);
  EXPECT_TRUE(wait_until([] { return workers_of_this_job().empty(); })) << "tasks of other nodes go on";
}

TEST(Ending, AnExceptionThatUnwindsDoesNotWaitForTasks) {
  const Instant begin = now();
  try {
    auto executor = session().executor({.workers = 1});
    await_nodes(executor, session().nodes());
    for (std::size_t i = 0; i < 3 * nodes(); ++i) executor.submit<never_end>();
    throw std::runtime_error("the program's own");
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the program's own");
  }
  EXPECT_LT(now() - begin, std::chrono::seconds(15));
  EXPECT_TRUE(wait_until([] { return workers_of_this_job().empty(); })) << "tasks of other nodes go on";
}

// Nanoseconds that all threads of a process have spent on a processor.
std::int64_t run_time_ns(pid_t process) {
  std::int64_t sum = 0;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::int64_t ns = 0;
    std::ifstream(thread.path() / "schedstat") >> ns;
    sum += ns;
  }
  return sum;
}

int busy(int ms) {
  for (const Instant end = now() + std::chrono::milliseconds(ms); now() < end;) continue;
  return ms;
}

TEST(Ending, ParkedRanksUseNoProcessorTime) {
  std::vector<pid_t> parked;
  for (const pid_t rank : ranks_of_this_job())
    if (children_of(rank).empty()) parked.push_back(rank);
  EXPECT_EQ(parked.size() + nodes(), ranks_of_this_job().size());
  auto executor = session().executor({.workers = 1});
  const auto work = [&](int tasks) {
    for ([[maybe_unused]] int ms : executor.map<busy>(std::vector<int>(static_cast<std::size_t>(tasks), 10)))
      continue;
  };
  work(10);
  std::vector<std::int64_t> before;
  for (const pid_t rank : parked) before.push_back(run_time_ns(rank));
  const Instant begin = now();
  work(40);
  const std::int64_t elapsed_ns = (now() - begin).count();
  for (std::size_t i = 0; i < parked.size(); ++i)
    EXPECT_LT(run_time_ns(parked[i]) - before[i], elapsed_ns / 200) << "more than half a percent";
}

}  // namespace
}  // namespace acre::test

// Executors over all nodes of a job. Runs under mpirun with any number of ranks, on one node or several.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>
#include <thread>

#include <acre/launch/host.hpp>
#include <acre/random/philox.hpp>

#include "cluster/places.hpp"
#include "executor/ranges.hpp"
#include "support/folder.hpp"
#include "support/outcomes.hpp"
#include "support/processes.hpp"
#include "support/program.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {

std::size_t nodes() { return static_cast<std::size_t>(session().nodes()); }

std::uint64_t mix(Context& context, std::uint64_t x) {
  return context.random().bits() ^ (x * 0x9E3779B97F4A7C15U) ^ context.index();
}

std::vector<std::uint64_t> mixed_serially(std::uint64_t seed, const std::string& stage, std::uint64_t count) {
  std::vector<std::uint64_t> results;
  for (std::uint64_t i = 0; i < count; ++i) {
    Context context(i, 1, random::stream_key(seed, std::string_view(stage)));
    results.push_back(mix(context, i + 7));
  }
  return results;
}

std::vector<std::uint64_t> numbers_from_7(std::uint64_t count) {
  std::vector<std::uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{7});
  return numbers;
}

TEST(Farm, AMapGivesWhatASerialLoopGives) {
  auto executor = session().executor({.seed = 5});
  std::vector<std::uint64_t> results;
  for (const std::uint64_t result : executor.map<mix>(numbers_from_7(20'000), {.stage = "mixing"}))
    results.push_back(result);
  EXPECT_TRUE(results == mixed_serially(5, "mixing", 20'000));
}

TEST(Farm, AnUnorderedMapGivesTheSameInAnotherOrder) {
  auto executor = session().executor({.seed = 5});
  std::vector<std::uint64_t> results;
  for (const std::uint64_t result : executor.map_unordered<mix>(numbers_from_7(5'000), {.stage = "mixing"}))
    results.push_back(result);
  std::vector<std::uint64_t> wanted = mixed_serially(5, "mixing", 5'000);
  std::ranges::sort(results);
  std::ranges::sort(wanted);
  EXPECT_TRUE(results == wanted);
}

TEST(Farm, AnEndlessMapCanBeLeft) {
  auto executor = session().executor();
  std::uint64_t sum = 0;
  for (const std::uint64_t result : executor.map<mix>(CountUp(), {.stage = "endless"})) {
    sum += result & 1;
    if (sum == 10) break;
  }
  EXPECT_EQ(sum, 10U);
}

TEST(Farm, TasksRunInWorkersOfEveryNodesAgent) {
  auto executor = session().executor({.workers = 2});
  const auto ended = until_all_nodes_answer<Place>(
      nodes(), [&] { return executor.submit<place>(); },
      [](const Future<Place>& future) { return future.get().agent; });
  const std::vector<int> ranks = ranks_of_this_job();
  for (const Future<Place>& future : ended) {
    const Place& place = future.get();
    EXPECT_TRUE(name_of(place.worker).starts_with("acre worker")) << name_of(place.worker);
    EXPECT_EQ(name_of(place.preloaded), "acre preloaded");
    EXPECT_EQ(name_of(place.zygote), "acre zygote");
    EXPECT_TRUE(std::ranges::count(ranks, place.agent)) << place.agent << " is no rank of this job";
  }
  EXPECT_EQ(executor.workers(), 2 * nodes());
}

TEST(Farm, ResizingReachesEveryNode) {
  auto executor = session().executor({.workers = 1});
  await_nodes(executor, session().nodes());
  for (const std::uint32_t workers : {3u, 1u, 2u, 2u}) {
    executor.resize(static_cast<int>(workers));
    EXPECT_TRUE(executor.bootup(std::chrono::seconds(20)));
    const Instant late = now() + std::chrono::seconds(20);
    const std::size_t wanted = workers * nodes();
    while (executor.workers() != wanted && now() < late) executor.submit([] { return 0; }).get();
    EXPECT_EQ(executor.workers(), wanted);
  }
  std::vector<std::uint64_t> results;
  for (const std::uint64_t result : executor.map<mix>(numbers_from_7(5'000), {.stage = "mixing"})) {
    results.push_back(result);
    if (results.size() % 500 == 0) executor.resize(static_cast<int>(1 + results.size() / 500 % 3));
  }
  EXPECT_TRUE(results == mixed_serially(0, "mixing", 5'000));
}

Place until_told(Context& context, const std::string& log) {
  write_file(context.scratch() + "/file", "text");
  const Instant late = now() + std::chrono::seconds(20);
  const Place here = place();
  write_file(log + "/" + std::to_string(here.worker), context.scratch());
  while (!context.stop_requested() && now() < late) ::usleep(500);
  if (context.stop_requested()) write_file(log + "/" + std::to_string(here.worker) + "-told", "");
  return here;
}

// Both workers of each node run such a task, or the test ends after a while.
void await_tasks(const Folder& log, std::size_t tasks) {
  const Instant late = now() + std::chrono::seconds(20);
  while (log.content().size() < tasks && now() < late) ::usleep(1000);
  ASSERT_EQ(log.content().size(), tasks);
}

TEST(Farm, TasksOfEveryNodeHearThatTheRunEndsAndHaveAFolder) {
  const Folder log;
  auto executor = session().executor({.workers = 2});
  await_nodes(executor, session().nodes());
  std::vector<Future<Place>> futures;
  for (std::size_t i = 0; i < 2 * nodes(); ++i) futures.push_back(executor.submit<until_told>(log.path()));
  std::thread driver([&] { futures.front().wait(); });
  await_tasks(log, 2 * nodes());
  executor.engine()->drain();
  driver.join();
  std::set<int> agents;
  for (const auto& future : futures) {
    agents.insert(future.get().agent);
    const std::string folder = content_of(log / std::to_string(future.get().worker));
    EXPECT_TRUE(folder.starts_with('/')) << folder;
    EXPECT_FALSE(std::filesystem::exists(folder)) << folder;
  }
  EXPECT_EQ(agents.size(), nodes());
  EXPECT_EQ(log.content().size(), 4 * nodes()) << "all were told";
}

TEST(Farm, TasksOfEveryNodeMayReturnWhenTheirExecutorIsShutDown) {
  const Folder log;
  auto executor = session().executor({.workers = 1, .kill_grace = std::chrono::seconds(20)});
  await_nodes(executor, session().nodes());
  std::vector<Future<Place>> futures;
  for (std::size_t i = 0; i < nodes(); ++i) futures.push_back(executor.submit<until_told>(log.path()));
  std::thread driver([&] { futures.front().wait(); });
  await_tasks(log, nodes());
  executor.shutdown(true);
  driver.join();
  await_tasks(log, 2 * nodes());
}

// Where this task runs, if the broadcast is whole; or nowhere.
Place look_at(const Broadcast<std::vector<double>>& values, std::size_t count) {
  const auto view = values.view();
  double sum = 0;
  for (std::size_t i = 0; i < view.size(); i += 4096) sum += view[i];
  return view.size() == count && sum == 2.0 * static_cast<double>((count + 4095) / 4096) ? place() : Place{};
}

TEST(Farm, ABroadcastReachesEveryNodeOnceAndWorkersThatComeLater) {
  auto executor = session().executor({.workers = 1});
  await_nodes(executor, session().nodes());
  const std::size_t count = nodes() == 2 ? 5'000'000 : 250'000;  // 40 MB, once
  const auto values = executor.broadcast(std::vector<double>(count, 2.0));
  for (const int workers : {1, 2}) {
    executor.resize(workers);
    const auto ended = until_all_nodes_answer<Place>(
        nodes(), [&] { return executor.submit<look_at>(values, count); },
        [](const Future<Place>& future) { return future.get().agent; });
    for (const auto& future : ended) EXPECT_NE(future.get().agent, 0);
  }
}

int throw_up(const std::string& words) { throw std::invalid_argument(words); }

TEST(Farm, ExceptionsTellRankAndHost) {
  auto executor = session().executor({.workers = 1});
  const auto rank_of = [](const Future<int>& future) {
    try {
      future.get();
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(), "no such thing");
    }
    try {
      future.get();
    } catch (const TaskInfo& info) {
      EXPECT_EQ(info.host, launch::host_name());
      EXPECT_EQ(info.attempt, 1);
      EXPECT_EQ(info.type, "std::invalid_argument");
      return info.rank;
    }
    ADD_FAILURE() << "nothing was thrown";
    return -1;
  };
  until_all_nodes_answer<int>(
      nodes(), [&] { return executor.submit<throw_up>(std::string("no such thing")); }, rank_of);
}

Place die_once(Context& context) {
  if (context.attempt() == 1) ::raise(SIGKILL);
  return place();
}

TEST(Farm, AWorkersDeathCostsOneAttemptOnAnyNode) {
  auto executor = session().executor({.workers = 1});
  const auto ended = until_all_nodes_answer<Place>(
      nodes(), [&] { return executor.submit<die_once>(); },
      [](const Future<Place>& future) { return future.get().agent; });
  for (const auto& future : ended) EXPECT_EQ(outcome_of(future).execution.attempt, 2U);
}

int always_die(const std::string& log) {
  write_file(log + "/" + std::to_string(::getpid()), "");
  ::raise(SIGSEGV);
  return 0;
}

TEST(Farm, ATaskThatAlwaysKillsItsWorkerFailsAfterItsAttempts) {
  const Folder log;
  auto executor = session().executor({.workers = 1, .retries = 1});
  const auto rank_of = [](const Future<int>& future) {
    try {
      future.get();
    } catch (const WorkerLost& lost) {
      EXPECT_EQ(lost.attempt, 2);
      EXPECT_NE(lost.message.find("was killed by SIGSEGV"), std::string::npos) << lost.message;
      EXPECT_EQ(lost.host, launch::host_name());
      return lost.rank;
    }
    ADD_FAILURE() << "nothing was thrown";
    return -1;
  };
  const auto ended = until_all_nodes_answer<int>(
      nodes(), [&] { return executor.submit<always_die>(log.path()); }, rank_of);
  EXPECT_EQ(log.content().size(), 2 * ended.size()) << "each task is tried twice";
  EXPECT_EQ(executor.submit([] { return 7; }).get(), 7);
}

// Once a task of each node is there, as the first nodes would otherwise do all while the root encodes.
std::vector<double> reverse_together(const std::string& meeting, std::size_t nodes,
                                     const std::vector<double>& values) {
  write_file(meeting + "/" + std::to_string(place().agent), "");
  const auto all_are_there = [&] {
    const std::filesystem::directory_iterator files(meeting);
    return static_cast<std::size_t>(std::distance(begin(files), end(files))) == nodes;
  };
  if (!wait_until(all_are_there)) throw std::runtime_error("not every node has got a task");
  return {values.rbegin(), values.rend()};
}

TEST(Farm, LargePayloadsReachEveryNodeAndComeBack) {
  auto executor = session().executor({.workers = 1});
  std::vector<double> values(400'000);
  std::iota(values.begin(), values.end(), 0.5);
  const std::vector<double> wanted(values.rbegin(), values.rend());
  const Folder meeting;
  std::vector<Future<std::vector<double>>> futures;
  for (std::size_t i = 0; i < 4 * nodes(); ++i)
    futures.push_back(executor.submit<reverse_together>(meeting.path(), nodes(), values));
  for (const auto& future : futures) EXPECT_TRUE(future.get() == wanted);
}

int load(const std::string& log, int value) {
  write_file(log + "/" + std::to_string(::getpid()), "");
  return value;
}

// What was preloaded, and by whom.
std::pair<int, int> look(Preloaded<int> value) { return {*value, place().preloaded}; }

TEST(Farm, APreloadRunsOnceOnEachNode) {
  const Folder log;
  auto executor = session().executor({.workers = 2, .preload = hook<load>(log.path(), 42)});
  const auto ended = until_all_nodes_answer<std::pair<int, int>>(
      nodes(), [&] { return executor.submit<look>(); },
      [](const auto& future) { return future.get().second; });
  for (const auto& future : ended) {
    EXPECT_EQ(future.get().first, 42);
    EXPECT_TRUE(log.content().contains(std::to_string(future.get().second)));
  }
  EXPECT_EQ(log.content().size(), nodes());
}

int load_on_root_only(int root) {
  const pid_t agent = parent_of(parent_of(::getpid()));
  if (agent != root) throw std::runtime_error("this node has no table");
  return 1;
}

TEST(Farm, APreloadThatFailsOnAnotherNodeFailsTheExecutorInWords) {
  if (nodes() == 1) GTEST_SKIP() << "there is no other node";
  auto executor = session().executor({.workers = 1, .preload = hook<load_on_root_only>(::getpid())});
  const Instant deadline = now() + std::chrono::seconds(20);
  for (;;) {
    auto future = executor.submit<place>();
    try {
      future.get(std::chrono::seconds(10));
      ASSERT_LT(now(), deadline) << "the executor works on without the other node";
    } catch (const ExecutorBroken& broken) {
      EXPECT_NE(
          broken.message.find("the preload failed: std::runtime_error: this node has no table (on host " +
                              launch::host_name() + ", rank "),
          std::string::npos)
          << broken.message;
      return;
    }
  }
}

TEST(Farm, SeveralExecutorsAtOnceKeepTheirOwn) {
  const Folder log;
  std::vector<Executor> executors;
  for (int value = 0; value < 3; ++value)
    executors.push_back(session().executor({.workers = 1, .preload = hook<load>(log.path(), value)}));
  std::vector<Future<std::pair<int, int>>> futures;
  for (int i = 0; i < 300; ++i) futures.push_back(executors[static_cast<std::size_t>(i % 3)].submit<look>());
  for (int i = 0; i < 300; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get().first, i % 3);
}

}  // namespace
}  // namespace acre::test

// What becomes of tasks that hang or end their workers on any node, and of maps in chunks over all nodes.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <acre/launch/host.hpp>
#include <acre/random/philox.hpp>

#include "cluster/places.hpp"
#include "executor/ranges.hpp"
#include "support/folder.hpp"
#include "support/outcomes.hpp"
#include "support/program.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

std::size_t nodes() { return static_cast<std::size_t>(session().nodes()); }

// A failed future's rank, after a look at the failure, which must be an E.
template <class E>
int rank_of_failure(const Future<int>& future, const std::function<void(const E&)>& look) {
  try {
    future.get();
    ADD_FAILURE() << "it ended";
  } catch (const E& failure) {
    EXPECT_EQ(failure.host, launch::host_name());
    look(failure);
    return failure.rank;
  }
  return -1;
}

int hang() {
  for (;;) ::pause();
}
int note_and_hang(const std::string& log) {
  write_file(log + "/" + std::to_string(place().agent), "");
  return hang();
}
int seven() { return 7; }

TEST(Policies, TimeoutsEndTasksOnEveryNode) {
  auto executor = session().executor({.workers = 1, .retries = 1, .task_timeout = milliseconds(50)});
  const std::function<void(const TaskTimeout&)> look = [](const TaskTimeout& error) {
    EXPECT_EQ(error.attempt, 2);
    EXPECT_TRUE(error.message.starts_with("it ran longer than its timeout: its worker (process "))
        << error.message;
    EXPECT_EQ(std::ranges::count(error.message, ';'), 1) << error.message;
  };
  await_nodes(executor, session().nodes());
  const Folder log;
  std::vector<Future<int>> futures;
  for (std::size_t i = 0; i < 4 * nodes(); ++i) futures.push_back(executor.submit<note_and_hang>(log.path()));
  for (const auto& future : futures) rank_of_failure(future, look);
  EXPECT_EQ(log.content().size(), nodes())
      << "a node may have got first attempts alone, whose failure none sees";
  EXPECT_EQ(executor.submit<seven>().get(), 7);
}

TEST(Policies, TimeoutsOfSingleTasksReachEveryNode) {
  auto executor = session().executor({.workers = 1, .retries = 0});
  const std::function<void(const TaskTimeout&)> look = [](const TaskTimeout& error) {
    EXPECT_EQ(error.attempt, 1);
  };
  until_all_nodes_answer<int>(
      nodes(), [&] { return executor.submit_with<hang>({.timeout = milliseconds(50)}); },
      [&](const Future<int>& future) { return rank_of_failure(future, look); });
  EXPECT_EQ(executor.submit<seven>().get(), 7);
}

// Appends a letter: how often tasks have run, over all nodes.
void note(const std::string& file) { std::ofstream(file, std::ios::app) << '.' << std::flush; }

int die(const std::string& folder, int number) {
  note(folder + "/" + std::to_string(number));
  ::raise(SIGKILL);
  return 0;
}

TEST(Policies, QuarantineKeepsItsAccountOnEveryNode) {
  const Folder folder;
  auto executor = session().executor({.workers = 1, .retries = 9, .max_strikes = 3});
  int number = 0;
  const std::function<void(const TaskQuarantined&)> look = [](const TaskQuarantined& error) {
    EXPECT_GE(error.attempt, 3) << "one that has moved to another node may have been tried there again";
    const std::string words =
        "it is not tried again, as it ended " + std::to_string(error.attempt) + " workers: ";
    EXPECT_TRUE(error.message.starts_with(words)) << error.message;
    EXPECT_EQ(std::ranges::count(error.message, ';'), error.attempt - 1) << error.message;
  };
  const auto ended = until_all_nodes_answer<int>(
      nodes(), [&] { return executor.submit<die>(folder.path(), number++); },
      [&](const Future<int>& future) { return rank_of_failure(future, look); });
  EXPECT_EQ(executor.submit<seven>().get(), 7);
  for (const Future<int>& future : ended)
    EXPECT_EQ(content_of(folder / std::to_string(future.index())).size(),
              outcome_of(future).execution.attempt);
}

std::uint64_t mix(Context& context, std::uint64_t x) {
  return context.random().bits() ^ (x * 0x9E3779B97F4A7C15U) ^ context.index();
}

TEST(Policies, ChunksOfAnySizeGiveTheSameBits) {
  constexpr std::uint64_t count = 3000;
  std::vector<std::uint64_t> serially;
  for (std::uint64_t i = 0; i < count; ++i) {
    Context context(i, 1, random::stream_key(3, std::string_view("mixing")));
    serially.push_back(mix(context, i));
  }
  for (const int workers : {1, 3}) {
    auto executor = session().executor({.workers = workers, .seed = 3});
    for (const std::uint32_t chunk : {1U, 7U, 0U, 100'000U}) {
      std::vector<std::uint64_t> results;
      for (const std::uint64_t value : executor.map<mix>(CountUp(count), {.chunk = chunk, .stage = "mixing"}))
        results.push_back(value);
      EXPECT_TRUE(results == serially) << workers << " workers, chunks of " << chunk;
    }
  }
}

std::uint64_t die_at_first(Context& context, std::uint64_t item) {
  if (item % 20 == 13 && context.attempt() == 1) ::raise(SIGKILL);
  return 10 * item + static_cast<std::uint64_t>(context.attempt());
}

TEST(Policies, ADeathInAChunkCostsItsOwnItemAlone) {
  auto executor = session().executor({.workers = 1, .retries = 1});
  await_nodes(executor, session().nodes());
  std::uint64_t item = 0;
  for (const std::uint64_t value : executor.map<die_at_first>(CountUp(400), {.chunk = 8})) {
    EXPECT_EQ(value, 10 * item + (item % 20 == 13 ? 2 : 1));
    ++item;
  }
  EXPECT_EQ(item, 400U);
}

// Small values go together, large ones alone, and failures another way: each must find its item.
std::string word(std::uint64_t item) {
  if (item % 7 == 3) throw std::runtime_error("no " + std::to_string(item));
  return std::string(item % 5 == 1 ? 5000 : item % 11, 'x') + std::to_string(item);
}

TEST(Policies, ValuesOfAllSizesAndFailuresOfOneChunkFindTheirItems) {
  auto executor = session().executor({.workers = 2});
  await_nodes(executor, session().nodes());
  for (const std::uint32_t chunk : {1U, 50U, 0U}) {
    std::uint64_t item = 0;
    for (const auto& outcome : executor.map_outcomes<word>(CountUp(2000), {.chunk = chunk})) {
      const bool fails = item % 7 == 3;
      ASSERT_EQ(static_cast<bool>(outcome), !fails) << item << " in chunks of " << chunk;
      if (!fails)
        ASSERT_EQ(*outcome, word(item)) << "in chunks of " << chunk;
      else
        ASSERT_EQ(outcome.failure().message, "no " + std::to_string(item)) << "in chunks of " << chunk;
      ++item;
    }
    EXPECT_EQ(item, 2000U);
  }
}

// The first to take up this item never ends.
int stuck_at_first(const std::string& mark, int item) {
  ::usleep(1000);
  if (item != 60 || std::ifstream(mark).good()) return item;
  write_file(mark, "");
  for (;;) ::pause();
}

TEST(Policies, StuckTasksAreRepeatedOnAnyNode) {
  const Folder folder;
  auto executor = session().executor({.workers = 2, .retries = 0, .speculate_after = 10});
  await_nodes(executor, session().nodes());
  for (int round = 0; round < 3; ++round) {
    const std::string mark = folder / std::to_string(round);
    std::vector<Future<int>> futures;
    for (int item = 0; item < 100; ++item) futures.push_back(executor.submit<stuck_at_first>(mark, item));
    for (int item = 0; item < 100; ++item) EXPECT_EQ(futures[static_cast<std::size_t>(item)].get(), item);
    EXPECT_TRUE(std::ifstream(mark).good()) << "one was stuck";
  }
}

}  // namespace
}  // namespace acre::test

// Preloads and initializers that end their process, and deaths of the process that holds a preload.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "executor/ends.hpp"
#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

class HookEnd : public testing::TestWithParam<std::size_t> {
 protected:
  HookEnd() { reset_shared(); }
  const Way& way() const { return ways()[GetParam()]; }
  std::string account() const {
    return literal(way().how) + having_written(farewell) + " \\(on host [^ ]+, rank 0\\)";
  }
};

std::string name_of_way(const testing::TestParamInfo<std::size_t>& made) { return ways()[made.param].name; }

// All futures say so, also of tasks that come later.
void expect_broken(Executor& executor, const std::string& pattern) {
  std::vector<Future<Fuse>> futures;
  for (int i = 0; i < 20; ++i) futures.push_back(executor.submit<burn>(Fuse{}));
  for (const auto& future : futures) {
    try {
      future.get();
      ADD_FAILURE() << "it ran";
    } catch (const ExecutorBroken& error) {
      EXPECT_TRUE(std::regex_match(error.message, std::regex(pattern))) << error.message;
    }
  }
  EXPECT_THROW(executor.submit<burn>(Fuse{}).get(), ExecutorBroken);
  EXPECT_THROW(executor.map<run_wave>(CountUp(3)).begin(), ExecutorBroken);
}

void count_and_go(std::size_t number) {
  shared(4).add();
  take_way(number);
}
void go_once(std::size_t number) {
  shared(4).add();
  shared(5).add();
  if (shared(5).get() == 1) take_way(number);
}

TEST_P(HookEnd, in_every_initializer_breaks_the_executor_in_words) {
  Executor executor = session().executor({.workers = 1, .initializer = hook<count_and_go>(GetParam())});
  expect_broken(executor, "workers die before they can take tasks; the last one " + account());
  EXPECT_LE(shared(4).get(), 10u) << "they are not respawned for ever";
}

TEST_P(HookEnd, in_one_initializer_costs_that_worker) {
  Executor executor =
      session().executor({.workers = 2, .initializer = hook<go_once>(GetParam()), .retries = 0});
  expect_waves(executor, 300);
  EXPECT_GE(shared(4).get(), 2u);
}

TEST_P(HookEnd, in_every_preload_breaks_the_executor_in_words) {
  Executor executor = session().executor({.workers = 1, .preload = hook<count_and_go>(GetParam())});
  expect_broken(executor, "the process of the preload died 4 times; the last time it " + account());
  EXPECT_EQ(shared(4).get(), 4u);
}

TEST_P(HookEnd, in_one_preload_costs_another_preload) {
  Executor executor = session().executor({.workers = 2, .preload = hook<go_once>(GetParam()), .retries = 0});
  expect_waves(executor, 300);
  EXPECT_EQ(shared(4).get(), 2u);
}

INSTANTIATE_TEST_SUITE_P(By, HookEnd, testing::Range(std::size_t{0}, quick_ways()), name_of_way);

class HookTrouble : public testing::Test {
 protected:
  HookTrouble() { reset_shared(); }
};

void throw_a_number() { throw 42; }

TEST_F(HookTrouble, of_a_foreign_exception_is_told_by_its_type) {
  const std::string what =
      "int: \\(it is no std::exception and carries no message\\) "
      "\\(on host [^ ]+, rank 0\\)";
  Executor preloading = session().executor({.workers = 1, .preload = hook<throw_a_number>()});
  expect_broken(preloading, "the preload failed: " + what);
  Executor initializing = session().executor({.workers = 1, .initializer = hook<throw_a_number>()});
  expect_broken(initializing, "the initializer failed: " + what);
}

void close_all() { ::closefrom(3); }

TEST_F(HookTrouble, of_descriptors_that_a_preload_closes_is_told_in_words) {
  Executor executor = session().executor({.workers = 1, .preload = hook<close_all>()});
  expect_broken(executor, "the process of the preload died 4 times; the last time it exited with status 1" +
                              having_written("acre: the preload closed descriptors that it had not opened ") +
                              ".*");
}

TEST_F(HookTrouble, of_descriptors_that_an_initializer_closes_is_told_in_words) {
  Executor executor = session().executor({.workers = 1, .initializer = hook<close_all>()});
  expect_broken(executor, "the initializer failed: it closed descriptors that it had not opened .*");
}

// The child has the hook's code to return to, but is no worker and no zygote.
void fork_and_return() {
  const pid_t child = ::fork();
  if (child > 0) shared(6).set(static_cast<std::uint32_t>(child));
  shared(4).add();
}

TEST_F(HookTrouble, of_a_child_that_returns_from_an_initializer_is_that_childs_alone) {
  Executor executor =
      session().executor({.workers = 1, .initializer = hook<fork_and_return>(), .retries = 0});
  expect_waves(executor, 100);
  EXPECT_TRUE(await_ends({static_cast<pid_t>(shared(6).get())}, seconds(5)));
}

TEST_F(HookTrouble, of_a_child_that_returns_from_a_preload_is_that_childs_alone) {
  Executor executor = session().executor({.workers = 1, .preload = hook<fork_and_return>(), .retries = 0});
  expect_waves(executor, 100);
  EXPECT_TRUE(await_ends({static_cast<pid_t>(shared(6).get())}, seconds(5)));
}

int preload() {
  shared(4).add();
  return 7;
}
std::uint64_t with_preload(Context& context, Preloaded<int> value, std::uint64_t item) {
  return 100 * item + static_cast<std::uint64_t>(10 * *value + context.attempt());
}
pid_t zygote_of_tasks() { return ::getppid(); }

// The process that holds the preload now. A worker that outlives it for a moment tells of another one.
pid_t find_zygote(Executor& executor, pid_t before) {
  for (;;) {
    const pid_t found = executor.submit<zygote_of_tasks>().get();
    if (found != before && name_of(found) == "acre preloaded") return found;
  }
}

// Kills the process that holds the preload, at moments that differ from run to run.
TEST_F(HookTrouble, of_a_preloaded_zygote_killed_in_a_map_is_no_tasks) {
  constexpr std::uint64_t items = 30'000;
  Executor executor = session().executor({.workers = 2, .preload = hook<preload>(), .retries = 0});
  std::random_device random;
  std::uint64_t item = 0, next_death = random() % (items / 4);
  pid_t zygote = -1;
  int deaths = 0;
  for (const std::uint64_t value : executor.map<with_preload>(CountUp(items))) {
    EXPECT_EQ(value, 100 * item + 71) << "each once, in order, at its first attempt";
    if (++item < next_death || deaths == 3) continue;
    zygote = find_zygote(executor, zygote);
    kill_process(zygote);
    EXPECT_TRUE(await_ends({zygote}, seconds(5)));
    next_death = item + 1 + random() % (items / 4);
    ++deaths;
  }
  EXPECT_EQ(item, items);
  EXPECT_EQ(deaths, 3);
  EXPECT_NE(find_zygote(executor, zygote), zygote) << "all results may have been there at the last death";
  EXPECT_EQ(shared(4).get(), 4u) << "once at first, and once for each death";
}

}  // namespace
}  // namespace acre::test

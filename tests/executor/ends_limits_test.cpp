// Limits that end or replace workers: the time and memory of tasks, and their number.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>
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

constexpr std::size_t mebibyte = std::size_t{1} << 20;

class Limits : public testing::Test {
 protected:
  Limits() { reset_shared(); }
};

int attempt_of(Context& context, int) { return context.attempt(); }

// How a task takes it to be told to end.
enum class Manners : std::uint32_t { none, tidies_up, ignores, returns };
volatile sig_atomic_t told_to_end = 0;

int hang(Manners manners) {
  switch (manners) {
    case Manners::none:
      break;
    case Manners::tidies_up:
      ::signal(SIGTERM, [](int) {
        shared(1).add();
        ::_exit(6);
      });
      break;
    case Manners::ignores:
      ::signal(SIGTERM, SIG_IGN);
      break;
    case Manners::returns:
      ::signal(SIGTERM, [](int) { told_to_end = 1; });
      break;
  }
  shared(2).add();
  while (told_to_end == 0) ::usleep(1000);
  return 5;
}

void expect_timeout(const Future<int>& future, int signal, int exit_code, const std::string& how) {
  try {
    future.get();
    ADD_FAILURE() << "it ended well";
  } catch (const TaskTimeout& error) {
    EXPECT_EQ(error.task, future.index());
    EXPECT_EQ(error.attempt, 1);
    EXPECT_FALSE(error.host.empty());
    EXPECT_EQ(error.signal, signal);
    EXPECT_EQ(error.exit_code, exit_code);
    EXPECT_GT(error.peak_memory_bytes, 0);
    const std::regex words("it ran longer than its timeout: its worker \\(process [0-9]+\\) " + literal(how) +
                           having_used);
    EXPECT_TRUE(std::regex_match(error.message, words)) << error.message;
  }
}

TEST_F(Limits, of_time_end_a_task_by_sigterm) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .task_timeout = milliseconds(100)});
  const auto plain = executor.submit<hang>(Manners::none);
  expect_waves(executor, 300);
  expect_timeout(plain, SIGTERM, 0, "was killed by SIGTERM (Terminated), sent by acre");
  const auto tidy = executor.submit<hang>(Manners::tidies_up);
  expect_waves(executor, 300);
  expect_timeout(tidy, 0, 6, "exited with status 6 when it was asked to end");
  EXPECT_EQ(shared(1).get(), 1u) << "it could tidy up";
  expect_waves(executor, 20);
}

TEST_F(Limits, of_time_end_a_task_that_ignores_sigterm_after_the_grace) {
  constexpr milliseconds timeout(100), grace(300);
  Executor executor =
      session().executor({.workers = 2, .retries = 0, .task_timeout = timeout, .kill_grace = grace});
  const Instant begin = now();
  const auto future = executor.submit<hang>(Manners::ignores);
  expect_waves(executor, 300);
  expect_timeout(future, SIGKILL, 0,
                 "was killed by SIGKILL (Killed), sent by acre, as it did not heed SIGTERM for 0.3 s");
  EXPECT_GE(now() - begin, timeout + grace);
  expect_waves(executor, 20);
}

TEST_F(Limits, of_time_without_a_grace_are_by_sigkill_at_once) {
  Executor executor = session().executor(
      {.workers = 1, .retries = 0, .task_timeout = milliseconds(50), .kill_grace = Duration{}});
  expect_timeout(executor.submit<hang>(Manners::tidies_up), SIGKILL, 0,
                 "was killed by SIGKILL (Killed), sent by acre");
  EXPECT_EQ(shared(1).get(), 0u);
  expect_waves(executor, 20);
}

// A task that ends when it is told to has a result, late as it is, and its worker goes all the same.
TEST_F(Limits, of_time_that_a_task_heeds_by_returning_harm_nothing_behind_it) {
  Executor executor = session().executor(
      {.workers = 1, .retries = 0, .task_timeout = milliseconds(50), .kill_grace = milliseconds(100)});
  const auto heeding = executor.submit<hang>(Manners::returns);
  std::vector<Future<int>> behind;
  for (int i = 0; i < 50; ++i) behind.push_back(executor.submit<attempt_of>(i));
  EXPECT_EQ(heeding.get(), 5);
  for (const auto& future : behind) EXPECT_EQ(future.get(), 1);
  for (const Instant end = now() + milliseconds(300); now() < end;)
    EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1);
}

// Takes memory until there is no more to take, or it is ended.
struct Storm {
  When when = When::never;

  void rise(When now) const {
    if (now != when || ::getpid() == home()) return;
    std::fputs("it grows\n", stderr);
    std::vector<std::unique_ptr<std::vector<char>>> all;
    for (int i = 0; i < 3000; ++i) all.push_back(std::make_unique<std::vector<char>>(mebibyte, 'x'));
    for (;;) ::pause();
  }
  template <class Archive>
  void serialize(Archive& archive) {
    if (typename Archive::is_saving()) rise(When::encoding);
    archive(when);
    if (typename Archive::is_loading()) rise(When::decoding);
  }
};
Storm rise(const Storm& storm) {
  storm.rise(When::running);
  return storm;
}

TEST_F(Limits, of_memory_end_a_storm_in_words_at_any_stage) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .memory_limit_bytes = 64 * mebibyte});
  for (const When when : {When::decoding, When::running, When::encoding}) {
    SCOPED_TRACE(name_of(when));
    const auto future = executor.submit<rise>(Storm{when});
    expect_waves(executor, 300);
    try {
      future.get();
      ADD_FAILURE() << "it ended well";
    } catch (const WorkerLost& error) {
      EXPECT_EQ(error.task, future.index());
      EXPECT_EQ(error.attempt, 1);
      EXPECT_EQ(error.signal, SIGKILL);
      EXPECT_GT(error.peak_memory_bytes, std::int64_t{64 * mebibyte});
      EXPECT_EQ(error.last_words, "it grows");
      const std::regex words(
          "its worker \\(process [0-9]+\\) was killed by acre, as its own memory had grown to [0-9.e+]+ MB, "
          "beyond the limit of 67.1 MB" +
          std::string(deed_of(when)) + having_written("it grows"));
      EXPECT_TRUE(std::regex_match(error.message, words)) << error.message;
    }
  }
  expect_waves(executor, 100);
}

struct Where {
  pid_t process = 0;
  int attempt = 0;
  double value = 0;
};
ACRE_RECORD(Where, process, attempt, value)

Where leak(Context& context, std::uint64_t item) {
  auto* lost = new std::vector<char>(mebibyte, 'x');
  ::usleep(10'000);
  return {::getpid(), context.attempt(), wave(item) + (lost->back() - 'x')};
}

TEST_F(Limits, of_memory_replace_a_leaking_worker_between_tasks_with_a_warning) {
  testing::internal::CaptureStderr();
  Executor executor = session().executor({.workers = 2, .retries = 0, .memory_limit_bytes = 200 * mebibyte});
  std::map<pid_t, int> tasks;
  std::uint64_t item = 0;
  for (const Where& where : executor.map<leak>(CountUp(400))) {
    EXPECT_EQ(where.value, wave(item++));
    EXPECT_EQ(where.attempt, 1);
    ++tasks[where.process];
  }
  executor.shutdown();
  const std::string words = testing::internal::GetCapturedStderr();
  EXPECT_GE(tasks.size(), 3u) << "400 tasks leak twice what a worker may have";
  const std::regex warning(
      "acre: worker [01] was replaced: its own memory has grown to [0-9.]+ MB of 210 MB allowed in [0-9]+ "
      "tasks, by 1.0[0-9] MB with each: does a task keep what it allocates\\? "
      "\\(on host [^ ]+, rank 0\\)\n");
  EXPECT_TRUE(std::regex_match(words, warning)) << words;
}

Where use_and_give_back(Context& context, std::uint64_t) {
  const std::vector<char> used(51 * mebibyte, 'x');
  ::usleep(50'000);
  return {::getpid(), context.attempt(), static_cast<double>(used.back())};
}

TEST_F(Limits, of_memory_do_not_replace_a_worker_that_gives_it_back) {
  testing::internal::CaptureStderr();
  Executor executor = session().executor({.workers = 1, .retries = 0, .memory_limit_bytes = 64 * mebibyte});
  std::set<pid_t> processes;
  for (const Where& where : executor.map<use_and_give_back>(CountUp(10))) {
    EXPECT_EQ(where.attempt, 1);
    processes.insert(where.process);
  }
  executor.shutdown();
  EXPECT_EQ(processes.size(), 1u);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

pid_t hold(std::size_t bytes) {
  const std::vector<char> held(bytes, 'x');
  shared(1).add();
  shared(0).await(1);
  return held.back() == 'x' ? ::getppid() : 0;
}
pid_t own_zygote() { return ::getppid(); }

std::int64_t run_time_ns(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/schedstat");
  std::int64_t time = 0;
  in >> time;
  return time;
}

TEST_F(Limits, of_memory_are_watched_at_one_percent_of_a_core) {
  Executor executor = session().executor({.workers = 4, .memory_limit_bytes = 200 * mebibyte});
  const pid_t zygote = executor.submit<own_zygote>().get();
  std::vector<Future<pid_t>> holding;
  for (int i = 0; i < 4; ++i) holding.push_back(executor.submit<hold>(std::size_t{120} * mebibyte));
  std::thread waiter([&] { holding.front().wait(); });
  shared(1).await(4);
  constexpr seconds span(1);
  const std::int64_t before = run_time_ns(zygote);
  std::this_thread::sleep_for(span);
  const std::int64_t used = run_time_ns(zygote) - before;
  shared(0).add();
  waiter.join();
  EXPECT_GT(used, 0);
  EXPECT_LE(used, std::chrono::nanoseconds(span).count() / 100);
  RecordProperty("ns_in_a_second", std::to_string(used));
}

Where where(Context& context, std::uint64_t item) { return {::getpid(), context.attempt(), wave(item)}; }

TEST_F(Limits, of_tasks_are_kept_to_the_task) {
  constexpr int limit = 7;
  Executor executor = session().executor({.workers = 2, .retries = 0, .tasks_per_worker = limit});
  std::map<pid_t, int> tasks;
  std::uint64_t item = 0;
  testing::internal::CaptureStderr();
  for (const Where& ran : executor.map<where>(CountUp(500))) {
    EXPECT_EQ(ran.value, wave(item++));
    EXPECT_EQ(ran.attempt, 1);
    ++tasks[ran.process];
  }
  EXPECT_EQ(item, 500u);
  EXPECT_LE(std::count_if(tasks.begin(), tasks.end(), [](const auto& one) { return one.second != limit; }), 2)
      << "all but those that run now";
  for (const auto& [process, count] : tasks) EXPECT_LE(count, limit) << process;
  executor.shutdown();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace acre::test

// Tasks that end workers: quarantine with an account of each, and the wait between their attempts.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <numeric>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "executor/ranges.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

class Strikes : public testing::Test {
 protected:
  Strikes() { reset_shared(); }
};

// Dies in another way each time.
int die(Context& context, int number) {
  shared(3).add();
  if (context.attempt() % 2 == 0) ::_exit(number);
  ::raise(SIGKILL);
  return 0;
}
int attempt_of(Context& context, int) { return context.attempt(); }

// The processes that an account names.
std::set<std::string> processes_in(const std::string& account) {
  static const std::regex number("process ([0-9]+)");
  std::set<std::string> found;
  for (auto at = std::sregex_iterator(account.begin(), account.end(), number); at != std::sregex_iterator();
       ++at)
    found.insert((*at)[1]);
  return found;
}

TEST_F(Strikes, enough_of_them_end_a_task_with_an_account_of_each_death) {
  Executor executor = session().executor({.workers = 1, .retries = 9, .max_strikes = 3});
  const auto deadly = executor.submit<die>(7);
  const auto behind = executor.submit<attempt_of>(0);
  try {
    deadly.get();
    ADD_FAILURE() << "it ended";
  } catch (const TaskQuarantined& error) {
    EXPECT_EQ(error.task, deadly.index());
    EXPECT_EQ(error.attempt, 3);
    const std::string process = "its worker \\(process [0-9]+\\) ";
    const std::string used = ", having used [0-9.]+ MB";
    const std::string killed = process + "was killed by SIGKILL \\(Killed\\)" + used;
    const std::regex account("it is not tried again, as it ended 3 workers: " + killed + "; " + process +
                             "exited with status 7" + used + "; " + killed);
    EXPECT_TRUE(std::regex_match(error.message, account)) << error.message;
    EXPECT_EQ(processes_in(error.message).size(), 3u) << error.message;
  }
  EXPECT_EQ(shared(3).get(), 3u);
  EXPECT_EQ(behind.get(), 1) << "the pool goes on";
}

TEST_F(Strikes, count_for_each_task_of_its_own) {
  Executor executor = session().executor({.workers = 2, .retries = 9, .max_strikes = 2});
  std::vector<Future<int>> deadly;
  for (int i = 0; i < 4; ++i) deadly.push_back(executor.submit<die>(i));
  for (const auto& future : deadly) EXPECT_THROW(future.get(), TaskQuarantined);
  EXPECT_EQ(shared(3).get(), 8u);
}

TEST_F(Strikes, of_as_many_as_a_task_has_attempts_are_a_lost_worker) {
  Executor executor = session().executor({.workers = 1, .retries = 1, .max_strikes = 9});
  try {
    executor.submit<die>(0).get();
    ADD_FAILURE() << "it ended";
  } catch (const TaskQuarantined& error) {
    ADD_FAILURE() << error.what();
  } catch (const WorkerLost& error) {
    EXPECT_EQ(processes_in(error.message).size(), 2u) << error.message;
  }
}

std::uint64_t die_at_5(Context& context, std::uint64_t item) {
  if (item % 10 == 5) ::raise(SIGKILL);
  return 10 * item + static_cast<std::uint64_t>(context.attempt());
}

TEST_F(Strikes, in_a_chunk_are_of_the_item_that_ran) {
  Executor executor = session().executor({.workers = 2, .retries = 5, .max_strikes = 2});
  auto results = executor.map<die_at_5>(CountUp(100), {.chunk = 10});
  std::vector<std::uint64_t> values;
  std::size_t quarantined = 0;
  for (bool ended = false; !ended;) {
    try {
      for (const std::uint64_t value : results) {
        EXPECT_EQ(value, 10 * (values.size() + quarantined) + 1) << "tried once";
        values.push_back(value);
      }
      ended = true;
    } catch (const TaskQuarantined& error) {
      EXPECT_EQ(error.task, 10 * quarantined + 5);
      EXPECT_EQ(error.task, values.size() + quarantined);
      EXPECT_EQ(error.attempt, 2);
      ++quarantined;
    }
  }
  EXPECT_EQ(quarantined, 10u);
  EXPECT_EQ(values.size(), 90u);
}

std::uint64_t die_at_999(Context& context, std::uint64_t item) {
  shared(4).add();
  if (item % 1000 == 999 && context.attempt() == 1) ::raise(SIGKILL);
  return item;
}

// However quick they were.
TEST_F(Strikes, leave_what_was_done_before_them_done) {
  constexpr std::uint32_t items = 10'000;
  Executor executor = session().executor({.workers = 2, .retries = 1});
  std::uint64_t next = 0;
  for (const std::uint64_t value : executor.map<die_at_999>(CountUp(items))) EXPECT_EQ(value, next++);
  EXPECT_EQ(next, items);
  EXPECT_EQ(shared(4).get(), items + items / 1000);
}

void die_at_7000(Context& context, std::uint64_t item) {
  shared(4).add();
  if (item == 7000 && context.attempt() == 1) ::raise(SIGKILL);
}

// Results that are nothing are the smallest: while the agent sleeps until half of all is done, more of them
// are published than it reads in one go.
TEST_F(Strikes, leave_what_was_done_before_them_done_however_much_that_is) {
  std::vector<std::uint64_t> items(16'000);
  std::iota(items.begin(), items.end(), 0);
  Executor executor = session().executor({.workers = 1, .retries = 1});
  for (std::uint32_t i = 1; i <= 5; ++i) {
    std::size_t ended = 0;
    for ([[maybe_unused]] const auto& nothing : executor.map<die_at_7000>(items)) ++ended;
    EXPECT_EQ(ended, items.size());
    EXPECT_EQ(shared(4).get(), (items.size() + 1) * i);
  }
}

int die_twice(Context& context, int) {
  if (context.attempt() < 3) ::raise(SIGKILL);
  return context.attempt();
}

TEST_F(Strikes, are_followed_by_a_wait_that_doubles) {
  constexpr milliseconds backoff(300);
  Executor executor = session().executor({.workers = 1, .retries = 2, .retry_backoff = backoff});
  EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1) << "the workers are there";
  const Instant begin = now();
  const auto deadly = executor.submit<die_twice>(0);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(executor.submit<attempt_of>(i).get(), 1);
  EXPECT_FALSE(deadly.done()) << "others run meanwhile";
  EXPECT_EQ(deadly.get(), 3);
  EXPECT_GE(now() - begin, 3 * backoff);
}

int hang(int) {
  for (;;) ::pause();
}

TEST_F(Strikes, come_of_timeouts_too) {
  Executor executor =
      session().executor({.workers = 1, .retries = 9, .max_strikes = 2, .task_timeout = milliseconds(50)});
  EXPECT_THROW(executor.submit<hang>(0).get(), TaskQuarantined);
}

}  // namespace
}  // namespace acre::test

// Every way to end a process at every stage of a task: the right words in its future, and nothing else is
// harmed.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <regex>
#include <string>
#include <tuple>

#include "executor/ends.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

class End : public testing::TestWithParam<std::tuple<std::size_t, When>> {
 protected:
  const Way& way() const { return ways()[std::get<0>(GetParam())]; }
  When when() const { return std::get<1>(GetParam()); }
  Fuse fuse() const { return {std::get<0>(GetParam()), when()}; }
  // One attempt's end in the account of all.
  std::string account() const {
    return "its worker \\(process [0-9]+\\) " + literal(way().how) + deed_of(when()) +
           having_written(farewell);
  }
};

constexpr std::int64_t megabyte = 1'000'000;

TEST_P(End, costs_its_task_attempts_and_no_other_anything) {
  Executor executor = session().executor({.workers = 2, .retries = 1});
  const auto future = executor.submit<burn>(fuse());
  expect_waves(executor, 300);
  try {
    future.get();
    ADD_FAILURE() << "it ended well";
  } catch (const TaskQuarantined& error) {
    ADD_FAILURE() << error.what();
  } catch (const WorkerLost& error) {
    EXPECT_EQ(error.task, future.index());
    EXPECT_EQ(error.attempt, 2);
    EXPECT_TRUE(error.worker == 0 || error.worker == 1) << error.worker;
    EXPECT_EQ(error.rank, 0);
    EXPECT_FALSE(error.host.empty());
    EXPECT_EQ(error.type, "");
    EXPECT_EQ(error.signal, way().signal);
    EXPECT_EQ(error.exit_code, way().exit_code);
    EXPECT_GT(error.peak_memory_bytes, megabyte);
    EXPECT_TRUE(error.last_words.starts_with(farewell)) << error.last_words;
    EXPECT_TRUE(std::regex_match(error.message, std::regex(account() + "; " + account()))) << error.message;
  }
  expect_waves(executor, 20);
}

INSTANTIATE_TEST_SUITE_P(By, End,
                         testing::Combine(testing::Range(std::size_t{0}, quick_ways()),
                                          testing::Values(When::decoding, When::running, When::encoding)),
                         [](const auto& made) {
                           return std::string(ways()[std::get<0>(made.param)].name) + "_while_" +
                                  name_of(std::get<1>(made.param));
                         });

// An exception is an ordinary failure, whatever its type and wherever it is thrown.
struct Thrower {
  When when = When::never;

  void raise(When now) const {
    if (now == when && ::getpid() != home()) throw 42;
  }
  template <class Archive>
  void serialize(Archive& archive) {
    if (typename Archive::is_saving()) raise(When::encoding);
    archive(when);
    if (typename Archive::is_loading()) raise(When::decoding);
  }
};
Thrower throw_it(const Thrower& thrower) {
  thrower.raise(When::running);
  return thrower;
}

class Foreign : public testing::TestWithParam<When> {};

TEST_P(Foreign, exception_is_its_tasks_failure_and_costs_no_worker) {
  Executor executor = session().executor({.workers = 2, .retries = 1});
  const auto future = executor.submit<throw_it>(Thrower{GetParam()});
  expect_waves(executor, 300);
  try {
    future.get();
    ADD_FAILURE() << "it ended well";
  } catch (const WorkerLost& error) {
    ADD_FAILURE() << error.what();
  } catch (const TaskError& error) {
    EXPECT_EQ(error.task, future.index());
    EXPECT_EQ(error.attempt, 1) << "failures of the task's own are not tried again";
    EXPECT_FALSE(error.host.empty());
    EXPECT_EQ(error.type, "int");
    EXPECT_EQ(error.message, "(it is no std::exception and carries no message)");
    EXPECT_EQ(error.signal, 0);
    EXPECT_EQ(error.last_words, "");
  }
}

INSTANTIATE_TEST_SUITE_P(While, Foreign, testing::Values(When::decoding, When::running, When::encoding),
                         [](const auto& made) { return std::string(name_of(made.param)); });

// Only the last lines: what a future holds is bounded.
int talk_and_die(int lines) {
  for (int i = 1; i <= lines; ++i) std::fprintf(stderr, "line %d of what it had to say\n", i);
  ::raise(SIGKILL);
  return 0;
}

TEST(LastWords, are_the_last_lines_only) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  try {
    executor.submit<talk_and_die>(2000).get();
    ADD_FAILURE() << "it ended well";
  } catch (const WorkerLost& error) {
    EXPECT_LE(error.last_words.size(), 2000u);
    EXPECT_GT(error.last_words.size(), 1000u);
    EXPECT_TRUE(std::regex_match(error.last_words, std::regex("(line [0-9]+ of what it had to say\n)+"
                                                              "line 2000 of what it had to say")))
        << error.last_words;
    EXPECT_TRUE(error.message.ends_with(" | line 2000 of what it had to say")) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  }
}

int write_and_die(Context& context, const std::string& words, bool die) {
  std::fputs(words.c_str(), stderr);
  if (die) ::raise(SIGKILL);
  return context.attempt();
}

TEST(LastWords, may_be_none_and_need_no_end_of_line) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  for (const std::string words : {"", "no end", "\n\n", "an end\n\n"}) {
    try {
      executor.submit<write_and_die>(words, true).get();
      ADD_FAILURE() << "it ended well";
    } catch (const WorkerLost& error) {
      EXPECT_EQ(error.last_words, words.substr(0, words.find('\n')));
      EXPECT_EQ(error.message.find(" and written: ") == std::string::npos, error.last_words.empty())
          << error.message;
    }
  }
}

// A worker's earlier tasks are no part of its last task's story only if they wrote nothing; what they wrote
// last is still what its process last wrote.
TEST(LastWords, are_those_of_the_process) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  EXPECT_EQ(executor.submit<write_and_die>("before\n", false).get(), 1);
  try {
    executor.submit<write_and_die>("after\n", true).get();
    ADD_FAILURE() << "it ended well";
  } catch (const WorkerLost& error) {
    EXPECT_EQ(error.last_words, "before\nafter");
  }
}

}  // namespace
}  // namespace acre::test

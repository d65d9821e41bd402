// How a program's end becomes the end of its run, without a launcher and under mpirun.
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {

class Endings : public testing::TestWithParam<Launch> {
 protected:
  // Runs one way to end; nothing may be left of it. Under mpirun the exit status only tells 0 from others.
  Ended run(const std::string& way, int status) const {
    Program program(GetParam().command({ACRE_ENDINGS, way}), GetParam().start(folder_));
    const Ended ended = program.wait(std::chrono::seconds(20));
    if (GetParam().ranks == 0 || status == 0)
      EXPECT_EQ(ended.status, status) << ended.err;
    else
      EXPECT_GT(ended.status, 0) << ended.err;
    EXPECT_TRUE(program.all_gone()) << "processes are left";
    return ended;
  }
  static void expect_sentence(const Ended& ended, const std::string& words) {
    ASSERT_EQ(sentences(ended.err).size(), 1U) << ended.err;
    EXPECT_NE(sentences(ended.err).front().find(words), std::string::npos) << ended.err;
    EXPECT_EQ(ended.err.find("MPI_ABORT"), std::string::npos) << ended.err;
  }
  Folder folder_;
};

TEST_P(Endings, TheProgramsStatusIsTheRuns) {
  EXPECT_EQ(sentences(run("return_0", 0).err).size(), 0U);
  EXPECT_EQ(sentences(run("return_3", 3).err).size(), 0U);
}

TEST_P(Endings, ExceptionsAreSaidOnce) {
  expect_sentence(run("throw_error", 1), "acre: the input is missing");
  expect_sentence(run("throw_number", 1), "the program ended with an exception that is no std::exception");
}

TEST_P(Endings, FailuresOfTasksAreSaidWithTheirPlace) {
  expect_sentence(run("task_throws", 1), "no such row");
}

TEST_P(Endings, UnwindingDoesNotWaitForTasks) {
  expect_sentence(run("unwind", 1), "the program has had enough");
}

TEST_P(Endings, ExitInsideTheProgramLeavesNothing) { run("exit_5", 5); }

TEST_P(Endings, AnExecutorLeftOpenIsClosed) { EXPECT_EQ(sentences(run("leave_open", 7).err).size(), 0U); }

TEST_P(Endings, TheSessionKnowsItsNodes) {
  const Launch& launch = GetParam();
  const int nodes = launch.ranks_per_node == 0 ? 1 : launch.ranks / launch.ranks_per_node;
  EXPECT_TRUE(run("facts", 0).out.starts_with(std::to_string(nodes) + " nodes, "));
}

TEST_P(Endings, OptionsThatCannotBeAreRefused) {
  EXPECT_EQ(run("wrong_options", 0).out,
            "an executor cannot have -1 workers: take 1 to 4096, or 0 for what the node offers\n"
            "an executor cannot have 5000 workers: take 1 to 4096, or 0 for what the node offers\n"
            "retries cannot be -1: take 0, so that a lost task is not tried again, to 65534\n"
            "max_strikes cannot be negative: 0 means as many as attempts\n"
            "retry_backoff cannot be negative\n"
            "task_timeout must be more than nothing: leave it out for none\n"
            "speculate_after cannot be negative: 0 means never\n");
}

TEST_P(Endings, ADrainedRunStartsNothingMore) {
  const Ended ended = run("drained", 75);
  EXPECT_EQ(ended.out, "drained\n");
  expect_sentence(ended, "told to stop before all tasks were done");
}

TEST_P(Endings, AProgramThatIsDoneInSpiteOfADrainSucceeds) {
  EXPECT_EQ(sentences(run("drained_but_done", 0).err).size(), 0U);
}

TEST_P(Endings, ATerminationAfterUser1IsTheFirst) {
  EXPECT_EQ(run("user1_then_terminate", 0).out, "drained\nstill here\n");
}

TEST_P(Endings, ASecondTerminationEndsTheRunAtOnce) {
  EXPECT_EQ(run("terminate_twice", 75).out, "drained\n");
}

TEST_P(Endings, ThreadsBeforeRunAreRefused) {
  expect_sentence(run("threads", 1), "acre::run was called in a process that has started threads");
}

INSTANTIATE_TEST_SUITE_P(Of, Endings, testing::Values(Launch{}, Launch{4, 2}),
                         [](const auto& made) { return made.param.name(); });

}  // namespace
}  // namespace acre::test

// Runs in batch jobs whose end is known: nothing is started that would not end in time.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <acre/launch/environment.hpp>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

std::int64_t in_seconds(std::int64_t ahead) { return wall_clock_ns() / 1'000'000'000 + ahead; }

// A job on this machine, with a squeue of its own that notes how it was asked.
class Walltime : public testing::TestWithParam<Launch> {
 protected:
  void squeue(const std::string& script) {
    write_file(folder_ / "squeue",
               "#!/bin/sh\necho \"$* $SLURM_TIME_FORMAT\" >>'" + (folder_ / "asked") + "'\n" + script + "\n");
    ASSERT_EQ(::chmod((folder_ / "squeue").c_str(), 0700), 0);
  }
  // The variables are those of the ranks, not of mpirun, which would take itself for part of the job.
  Ended run(Words variables, const Words& program) {
    Words words{"env", "PATH=" + folder_.path() + ":" + launch::read_environment().at("PATH")};
    words.insert(words.end(), variables.begin(), variables.end());
    words.insert(words.end(), program.begin(), program.end());
    Program started(GetParam().command(words), GetParam().start(folder_));
    const Ended ended = started.wait(seconds(40));
    EXPECT_TRUE(started.all_gone()) << "processes are left";
    return ended;
  }
  void expect_status(const Ended& ended, int status) const {
    if (GetParam().ranks == 0 || status == 0)
      EXPECT_EQ(ended.status, status) << ended.err;
    else
      EXPECT_GT(ended.status, 0) << ended.err;
  }
  std::string asked() const { return content_of(folder_ / "asked"); }
  Folder folder_;
};

const std::string once = "-h -j 17 -o %e %s\n";

TEST_P(Walltime, OfNoJobIsNotAskedFor) {
  squeue("echo 1");
  const Ended ended = run({}, {ACRE_ENDINGS, "one_task"});
  expect_status(ended, 0);
  EXPECT_EQ(sentences(ended.err), Words{});
  EXPECT_EQ(asked(), "");
}

TEST_P(Walltime, ThatIsAskedForEndsTheRunInWords) {
  const std::int64_t end = in_seconds(4);
  squeue("echo " + std::to_string(end));
  const Ended ended = run({"SLURM_JOB_ID=17"}, {ACRE_ENDINGS, "one_task"});
  expect_status(ended, 75);
  EXPECT_EQ(asked(), once) << "by the root alone";
  EXPECT_EQ(sentences(ended.err),
            Words{"acre: the job ends at " + utc_text(end * 1'000'000'000) +
                  ", too soon for the tasks that are left; what had finished is kept where it was recorded"});
}

TEST_P(Walltime, FarAwayChangesNothing) {
  squeue("echo " + std::to_string(in_seconds(3600)));
  const Ended ended = run({"SLURM_JOB_ID=17"}, {ACRE_ENDINGS, "one_task"});
  expect_status(ended, 0);
  EXPECT_EQ(sentences(ended.err), Words{});
  EXPECT_EQ(asked(), once);
}

TEST_P(Walltime, IsUnknownWhereSqueueHangsOrFails) {
  for (const std::string script : {"exec sleep 600", "exec >&-; sleep 600", "echo 5; exit 1"}) {
    squeue(script);
    const Ended ended = run({"SLURM_JOB_ID=17"}, {ACRE_ENDINGS, "one_task"});
    expect_status(ended, 0);
    EXPECT_EQ(sentences(ended.err), Words{});
  }
  EXPECT_EQ(asked(), once + once + once);
}

TEST_P(Walltime, ThatHasPassedIsIgnoredInWords) {
  squeue("echo 1");
  const Ended ended = run({"SLURM_JOB_END_TIME=1700000000"}, {ACRE_ENDINGS, "one_task"});
  expect_status(ended, 0);
  EXPECT_NE(
      ended.err.find("note: the end of the job by SLURM_JOB_END_TIME, 2023-11-14T22:13:20Z, has passed"),
      std::string::npos)
      << ended.err;
}

TEST_P(Walltime, StopsACampaignThatCanBeResumed) {
  const auto noting = [&](const std::string& out, Words more = {}) {
    Words words{ACRE_NOTING, folder_ / (out + ".h5"), folder_ / (out + ".trace"), "60", "100000"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const std::size_t tasks = 60;
  const std::int64_t end = in_seconds(8);
  const Ended stopped = run(
      {"SLURM_JOB_ID=17", "SLURM_JOB_END_TIME=" + std::to_string(end), "ACRE_WORKERS=1"}, noting("stopped"));
  EXPECT_LT(in_seconds(0), end) << "it ended in time";
  expect_status(stopped, 75);
  ASSERT_EQ(sentences(stopped.err).size(), 1U) << stopped.err;
  EXPECT_NE(stopped.err.find("acre: the job ends at "), std::string::npos) << stopped.err;
  EXPECT_EQ(size_of(folder_ / "stopped.h5"), 0U);
  const std::size_t started = lines_in(folder_ / "stopped.trace");
  EXPECT_GT(started, 0U);
  EXPECT_LT(started, tasks);
  const Ended resumed = run({"ACRE_WORKERS=8"}, noting("stopped", {"resume"}));
  expect_status(resumed, 0);
  // What still ran behind the first task that was not started is run again: on each node one at most.
  EXPECT_GE(lines_in(folder_ / "stopped.trace"), tasks);
  EXPECT_LE(lines_in(folder_ / "stopped.trace"), tasks + (GetParam().ranks == 0 ? 0U : 2U));
  const Ended plain = run({"ACRE_WORKERS=8"}, noting("plain"));
  EXPECT_EQ(line(resumed.out, "digest"), line(plain.out, "digest"));
}

INSTANTIATE_TEST_SUITE_P(Of, Walltime, testing::Values(Launch{}, Launch{4, 2}),
                         [](const auto& made) { return made.param.name(); });

}  // namespace
}  // namespace acre::test

#include <gtest/gtest.h>

#include <acre/launch/job_end.hpp>

namespace acre::launch {
namespace {
constexpr std::int64_t second_ns = 1'000'000'000, now_ns = 1'700'000'000 * second_ns;

// Answers as squeue would, and keeps what it was asked.
struct Squeue {
  std::optional<std::string> answer;
  std::vector<std::vector<std::string>> asked = {};

  JobEnd find(const Environment& environment) {
    return find_job_end(environment, now_ns, [this](const auto& command, const auto& variables) {
      asked.push_back(command);
      EXPECT_EQ(variables, std::vector<std::string>{"SLURM_TIME_FORMAT=%s"});
      return answer;
    });
  }
};

void expect_unknown(const JobEnd& end, const std::string& note = "") {
  EXPECT_EQ(end.wall_ns, std::nullopt);
  EXPECT_EQ(end.note, note);
}

TEST(JobEnd, OfAPlainShellIsUnknownAndNobodyIsAsked) {
  Squeue squeue{"1700000100\n"};
  expect_unknown(squeue.find({{"HOME", "/home/ada"}}));
  expect_unknown(squeue.find({{"SLURM_JOB_ID", ""}, {"SLURM_CONF", "/etc/slurm"}}));
  EXPECT_TRUE(squeue.asked.empty());
}

TEST(JobEnd, IsTakenFromTheEnvironmentFirst) {
  Squeue squeue{"1700000100\n"};
  const JobEnd end = squeue.find({{"SLURM_JOB_ID", "17"}, {"SLURM_JOB_END_TIME", "1700000008"}});
  EXPECT_EQ(end.wall_ns, now_ns + 8 * second_ns);
  EXPECT_EQ(end.note, "");
  EXPECT_EQ(squeue.find({{"SLURM_JOB_END_TIME", "1700000001"}}).wall_ns, now_ns + second_ns);
  EXPECT_TRUE(squeue.asked.empty());
}

TEST(JobEnd, IsAskedForOnce) {
  Squeue squeue{" 1700000100\n"};
  EXPECT_EQ(squeue.find({{"SLURM_JOB_ID", "17_3"}}).wall_ns, now_ns + 100 * second_ns);
  EXPECT_EQ(squeue.asked,
            (std::vector<std::vector<std::string>>{{"squeue", "-h", "-j", "17_3", "-o", "%e"}}));
}

TEST(JobEnd, IsUnknownWithoutAnAnswerThatIsATime) {
  for (const auto& answer : {std::optional<std::string>{},
                             {""},
                             {"\n"},
                             {"NONE\n"},
                             {"N/A"},
                             {"-5\n"},
                             {"2026-11-21T03:00:00\n"},
                             {"1700000100\n1700000100\n"},
                             {"99999999999999999999"}}) {
    Squeue squeue{answer};
    expect_unknown(squeue.find({{"SLURM_JOB_ID", "17"}}));
  }
}

TEST(JobEnd, FarAwayIsNever) {
  Squeue squeue{std::nullopt};
  expect_unknown(squeue.find({{"SLURM_JOB_END_TIME", "9223372036854775807"}}));
  EXPECT_NE(squeue.find({{"SLURM_JOB_END_TIME", "4294967295"}}).wall_ns, std::nullopt);
}

TEST(JobEnd, ThatHasPassedIsIgnoredInWords) {
  Squeue squeue{"1600000000"};
  expect_unknown(
      squeue.find({{"SLURM_JOB_END_TIME", "1700000000"}, {"SLURM_JOB_ID", "17"}}),
      "note: the end of the job by SLURM_JOB_END_TIME, 2023-11-14T22:13:20Z, has passed: it is ignored");
  EXPECT_TRUE(squeue.asked.empty());
  expect_unknown(squeue.find({{"SLURM_JOB_ID", "17"}}),
                 "note: the end of the job by squeue, 2020-09-13T12:26:40Z, has passed: it is ignored");
}

TEST(JobEnd, ThatIsNoTimeIsIgnoredInWords) {
  Squeue squeue{std::nullopt};
  for (const std::string text : {"", "soon", "12x", "-1"})
    expect_unknown(squeue.find({{"SLURM_JOB_END_TIME", text}}),
                   "note: SLURM_JOB_END_TIME is \"" + text + "\", not in seconds since 1970: it is ignored");
}

}  // namespace
}  // namespace acre::launch

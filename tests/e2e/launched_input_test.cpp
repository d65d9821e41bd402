// Wrong input under mpirun: one sentence whatever the ranks, an exit status that is not 0, no file made or
// harmed.
#include <gtest/gtest.h>

#include <filesystem>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {

const Words small{"--samples", "1000", "--tasks", "10", "--out", "out.h5"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class LaunchedInput : public testing::TestWithParam<Launch> {
 protected:
  void expect_refusal(const Words& command, const std::string& words, const Words& environment = {}) const {
    const auto before = content();
    Start start = GetParam().start(folder_);
    start.environment.insert(start.environment.end(), environment.begin(), environment.end());
    const Ended ended = run_program(command, start);
    EXPECT_GT(ended.status, 0);
    EXPECT_EQ(ended.out, "");
    const std::vector<std::string> said = sentences(ended.err);
    ASSERT_EQ(said.size(), 1U) << ended.err;
    EXPECT_NE(said.front().find(words), std::string::npos) << said.front();
    EXPECT_EQ(content(), before);
  }
  Words pi_on_ranks(const Words& arguments) const { return GetParam().command(pi(arguments)); }
  /// What is in the folder, without what Open MPI keeps there.
  std::map<std::string, std::string> content() const {
    auto files = folder_.content();
    std::erase_if(files, [](const auto& file) { return file.first.starts_with("ompi."); });
    return files;
  }
  Folder folder_;
};

TEST_P(LaunchedInput, WrongOptionsAreRefusedOnce) {
  expect_refusal(pi_on_ranks({"--sample", "10"}), "--sample");
  expect_refusal(pi_on_ranks({"--tasks", "0"}), "--tasks");
}

TEST_P(LaunchedInput, WrongSettingsAreRefusedOnce) {
  expect_refusal(pi_on_ranks({}), "did you mean ACRE_WORKERS?", {"ACRE_WORKRES=2"});
  expect_refusal(pi_on_ranks({}), "ACRE_WORKERS is \"0\"", {"ACRE_WORKERS=0"});
}

TEST_P(LaunchedInput, OutputsThatCannotBeAreRefused) {
  expect_refusal(pi_on_ranks({"--out", "nowhere/out.h5"}), "nowhere");
  expect_refusal(pi_on_ranks({"--out", "."}), "is a folder");
}

TEST_P(LaunchedInput, AnExistingOutputIsRefused) {
  ASSERT_EQ(run_program(pi_on_ranks(small), GetParam().start(folder_)).status, 0);
  expect_refusal(pi_on_ranks(small), "out.h5 exists already");
  expect_refusal(pi_on_ranks(with(small, {"--resume", "--seed", "2"})), "seed is 1 in the file and 2 here");
}

TEST_P(LaunchedInput, ARunningCampaignIsRefused) {
  Program first(pi_on_ranks({"--samples", "4000000000000", "--tasks", "400000", "--out", "out.h5"}),
                GetParam().start(folder_));
  ASSERT_TRUE(wait_until([&] { return size_of(folder_ / "out.h5.journal") > 10'000; })) << first.err();
  const Ended second = run_program(
      pi_on_ranks({"--samples", "4000000000000", "--tasks", "400000", "--out", "out.h5", "--resume"}),
      GetParam().start(folder_));
  EXPECT_GT(second.status, 0);
  ASSERT_EQ(sentences(second.err).size(), 1U) << second.err;
  EXPECT_TRUE(first.running());
}

INSTANTIATE_TEST_SUITE_P(Of, LaunchedInput, testing::Values(Launch{4, 2}),
                         [](const auto& made) { return made.param.name(); });

class Mixed : public LaunchedInput {};

TEST_P(Mixed, AnotherProgramOnOneRankIsRefused) {
  Words command = GetParam().command(pi(small));
  const Words other{":", "-n", "1", ACRE_NOTING, "out.h5", "trace", "10", "0"};
  expect_refusal(with(command, other), "the ranks of this job run different programs: rank 0 on ");
}

TEST_P(Mixed, AnotherBuildOnOneRankIsRefused) {
  // The same program, but for the build id that the linker gave it: an ELF note of 20 bytes, type 3, of GNU.
  std::string program = content_of(pi({}).front());
  const std::string note("\4\0\0\0\24\0\0\0\3\0\0\0GNU\0", 16);
  ASSERT_NE(program.find(note), std::string::npos);
  program[program.find(note) + note.size()] ^= 1;
  write_file(folder_ / "pi", program);
  std::filesystem::permissions(folder_ / "pi", std::filesystem::perms::owner_all);
  expect_refusal(with(GetParam().command(pi(small)), with({":", "-n", "1", folder_ / "pi"}, small)),
                 "start the same file on all of them");
}

INSTANTIATE_TEST_SUITE_P(Of, Mixed, testing::Values(Launch{1}, Launch{2, 1}),
                         [](const auto& made) { return made.param.name(); });

// Copies that a wrong launcher has started know nothing of each other.
class Singletons : public LaunchedInput {};

TEST_P(Singletons, AreRefusedInWords) {
  expect_refusal(pi(small), "srun started 4 tasks without PMIx",
                 {"SLURM_JOB_ID=7", "SLURM_STEP_ID=0", "SLURM_STEP_NUM_TASKS=4", "SLURM_PROCID=0"});
  expect_refusal(pi(small), "the launcher of another MPI started 4 copies", {"PMI_SIZE=4", "PMI_RANK=0"});
  expect_refusal(pi(small), "started 4 copies of this program that do not know each other",
                 {"SLURM_STEP_ID=0", "PMIX_RANK=0", "SLURM_STEP_NUM_TASKS=4"});
  expect_refusal(pi(small), "started 4 copies of this program that do not know each other",
                 {"OMPI_COMM_WORLD_RANK=2", "OMPI_COMM_WORLD_SIZE=4"});
}

TEST_P(Singletons, AnotherRankSpeaksIfRankZeroDoesNot) {
  expect_refusal(pi(small), "ACRE_WORKERS is \"x\"", {"OMPI_COMM_WORLD_RANK=2", "ACRE_WORKERS=x"});
}

INSTANTIATE_TEST_SUITE_P(Of, Singletons, testing::Values(Launch{}),
                         [](const auto& made) { return made.param.name(); });

}  // namespace
}  // namespace acre::test

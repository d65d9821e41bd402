#include <gtest/gtest.h>

#include <acre/launch/detect.hpp>

#include "expect_error.hpp"

namespace acre::launch {
namespace {
using Kind = Launch::Kind;

void expect_plain(const Environment& environment, const std::string& launcher) {
  const Launch launch = detect(environment);
  EXPECT_EQ(launch.kind, Kind::plain);
  EXPECT_EQ(launch.launcher, launcher);
  EXPECT_EQ(launch.rank_hint, -1);
  EXPECT_EQ(launch.size_hint, 0);
}

void expect_rank(const Environment& environment, const std::string& launcher, int rank, int size) {
  const Launch launch = detect(environment);
  EXPECT_EQ(launch.kind, Kind::mpi);
  EXPECT_EQ(launch.launcher, launcher);
  EXPECT_EQ(launch.rank_hint, rank);
  EXPECT_EQ(launch.size_hint, size);
}

TEST(Detect, ShellIsPlain) {
  expect_plain({}, "plain");
  expect_plain({{"HOME", "/home/ada"}, {"OMPI_ALLOW_RUN_AS_ROOT", "1"}, {"OMPI_MCA_btl", "self"}}, "plain");
}

TEST(Detect, MpirunIsOpenMpi) {
  expect_rank({{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "8"}, {"PMIX_RANK", "3"}}, "Open MPI",
              3, 8);
}

TEST(Detect, MpirunInsideSlurmIsOpenMpi) {
  expect_rank({{"OMPI_COMM_WORLD_RANK", "0"},
               {"OMPI_COMM_WORLD_SIZE", "4"},
               {"SLURM_JOB_ID", "17"},
               {"SLURM_STEP_ID", "0"},
               {"SLURM_STEP_NUM_TASKS", "2"}},
              "Open MPI", 0, 4);
}

TEST(Detect, SrunWithPmix) {
  expect_rank(
      {{"PMIX_RANK", "1"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_NTASKS", "6"}},
      "PMIx", 1, 2);
  expect_rank({{"PMIX_RANK", "5"}, {"SLURM_STEP_ID", "3"}, {"SLURM_NTASKS", "6"}}, "PMIx", 5, 6);
  expect_rank({{"PMIX_RANK", "0"}, {"SLURM_STEP_ID", "0"}}, "PMIx", 0, 0);
}

TEST(Detect, SrunWithPmi2) {
  expect_rank({{"PMI_RANK", "1"}, {"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}}, "PMI", 1, 2);
}

TEST(Detect, BatchScriptIsPlainThoughItHasAProcid) {
  const Environment script{{"SLURM_JOB_ID", "17"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}};
  expect_plain(script, "Slurm");
  for (const char* step : {"batch", "4294967291", "interactive", "4294967290"}) {
    Environment environment = script;
    environment["SLURM_STEP_ID"] = step;
    expect_plain(environment, "Slurm");
  }
}

TEST(Detect, PmixWithoutAStepIsPlain) { expect_plain({{"PMIX_RANK", "0"}}, "plain"); }

TEST(Detect, StepOfOneTaskNeedsNoPmix) {
  expect_plain(
      {{"SLURM_JOB_ID", "17"}, {"SLURM_STEP_ID", "2"}, {"SLURM_STEP_NUM_TASKS", "1"}, {"SLURM_NTASKS", "4"}},
      "Slurm");
}

TEST(Detect, StepOfSeveralTasksWithoutPmixIsRefused) {
  const std::string sentence =
      "srun started 4 tasks without PMIx, so MPI cannot join them: use `srun --mpi=pmix`, or mpirun inside "
      "the "
      "allocation";
  EXPECT_EQ(error_of([] { detect({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4"}}); }), sentence);
  EXPECT_EQ(error_of([] { detect({{"SLURM_STEP_ID", "0"}, {"SLURM_NTASKS", "4"}}); }), sentence);
  EXPECT_THROW(detect({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "2"}}), Error);
}

TEST(Detect, CopiesStartedByAnotherMpiAreRefused) {
  EXPECT_EQ(error_of([] {
              detect({{"PMI_RANK", "0"}, {"PMI_SIZE", "3"}});
            }),
            "the launcher of another MPI started 3 copies (PMI_SIZE), which cannot join: use the mpirun of "
            "the Open MPI "
            "that this program was built with");
  expect_plain({{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}}, "plain");
  EXPECT_THROW(detect({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}), Error);
}

TEST(Detect, NumbersThatAreNoneAreNamed) {
  EXPECT_EQ(error_of([] {
              detect({{"OMPI_COMM_WORLD_RANK", "two"}, {"OMPI_COMM_WORLD_SIZE", "4"}});
            }),
            "the environment variable OMPI_COMM_WORLD_RANK is \"two\", but must be a non-negative integer");
  EXPECT_EQ(error_of([] {
              detect({{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "0"}});
            }),
            "the environment variable OMPI_COMM_WORLD_SIZE is \"0\", but must be a positive integer");
  EXPECT_EQ(error_of([] {
              detect({{"SLURM_STEP_ID", "0"}, {"SLURM_STEP_NUM_TASKS", "4x"}});
            }),
            "the environment variable SLURM_STEP_NUM_TASKS is \"4x\", but must be a positive integer");
}

TEST(Detect, RankBeyondTheSizeIsRefused) {
  EXPECT_EQ(
      error_of([] {
        detect({{"OMPI_COMM_WORLD_RANK", "4"}, {"OMPI_COMM_WORLD_SIZE", "4"}});
      }),
      "the environment variable OMPI_COMM_WORLD_RANK is 4, but the launcher started 4 ranks: unset what an "
      "earlier launcher left behind");
}

TEST(Detect, JobAndRestartCountAreKept) {
  const Launch launch = detect({{"SLURM_JOB_ID", "17"}, {"SLURM_RESTART_COUNT", "2"}});
  EXPECT_EQ(launch.job_id, "17");
  EXPECT_EQ(launch.restart_count, "2");
  EXPECT_EQ(detect({}).job_id, "");
  EXPECT_EQ(detect({}).restart_count, "");
}

TEST(IsOtherRank, OnlyIfALauncherSaysSo) {
  EXPECT_FALSE(is_other_rank({}));
  EXPECT_FALSE(is_other_rank({{"OMPI_COMM_WORLD_RANK", "0"}}));
  EXPECT_TRUE(is_other_rank({{"OMPI_COMM_WORLD_RANK", "1"}}));
  EXPECT_TRUE(is_other_rank({{"PMIX_RANK", "12"}}));
  EXPECT_TRUE(is_other_rank({{"PMI_RANK", "3"}}));
  EXPECT_FALSE(is_other_rank({{"SLURM_PROCID", "0"}, {"SLURM_STEP_ID", "batch"}}));
  EXPECT_TRUE(is_other_rank({{"SLURM_PROCID", "2"}, {"SLURM_STEP_ID", "0"}}));
}

}  // namespace
}  // namespace acre::launch

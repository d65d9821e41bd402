#include <sched.h>

#include <array>
#include <cstdio>

#include <gtest/gtest.h>

#include <acre/launch/cpus.hpp>
#include <acre/launch/host.hpp>

#include "expect_error.hpp"

namespace acre::launch {
namespace {
using Cpus = std::vector<int>;

TEST(Cpus, ListsAreParsed) {
  EXPECT_EQ(parse_cpu_list(""), Cpus{});
  EXPECT_EQ(parse_cpu_list("0"), Cpus{0});
  EXPECT_EQ(parse_cpu_list("0-3,8"), (Cpus{0, 1, 2, 3, 8}));
  EXPECT_EQ(parse_cpu_list("8,2-3,2"), (Cpus{2, 3, 8}));
  EXPECT_EQ(parse_cpu_list("127-127"), Cpus{127});
}

TEST(Cpus, OtherTextsAreRefused) {
  for (const char* text :
       {"a", "1-", "-1", "3-1", "1,,2", "1 2", "0-3\n", "1-2-3", "99999999", "0-99999999"}) {
    EXPECT_EQ(error_of([text] { parse_cpu_list(text); }),
              "\"" + std::string(text) + "\" is not a list of CPUs such as 0-3,8");
  }
}

TEST(Cpus, MaskIsTheKernels) {
  const std::string status = read_text_file("/proc/thread-self/status").value_or("");
  const std::string key = "Cpus_allowed_list:\t";
  const std::size_t at = status.find(key);
  ASSERT_NE(at, std::string::npos);
  const std::size_t begin = at + key.size();
  EXPECT_EQ(allowed_cpus(), parse_cpu_list(status.substr(begin, status.find('\n', begin) - begin)));
}

TEST(Cpus, NarrowedMaskIsSeen) {
  const Cpus before = allowed_cpus();
  ASSERT_FALSE(before.empty());
  cpu_set_t original;
  ASSERT_EQ(sched_getaffinity(0, sizeof original, &original), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(before.back()), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(allowed_cpus(), Cpus{before.back()});
  ASSERT_EQ(sched_setaffinity(0, sizeof original, &original), 0);
  EXPECT_EQ(allowed_cpus(), before);
}

TEST(Cpus, TasksetIsObeyed) {
  const int last = allowed_cpus().back();
  const std::string command = "taskset -c " + std::to_string(last) + " '" ACRE_PRINT_CPUS "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) output += line.data();
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(output, std::to_string(last) + "\n");
}

TEST(Quota, Version2) {
  EXPECT_EQ(parse_cpu_max("max 100000"), std::nullopt);
  EXPECT_EQ(parse_cpu_max("150000 100000"), 1.5);
  EXPECT_EQ(parse_cpu_max(""), std::nullopt);
  EXPECT_EQ(parse_cpu_max("150000"), std::nullopt);
}

TEST(Quota, Version1) {
  EXPECT_EQ(parse_cfs_quota("-1", "100000"), std::nullopt);
  EXPECT_EQ(parse_cfs_quota("400000", "100000"), 4.0);
  EXPECT_EQ(parse_cfs_quota("", ""), std::nullopt);
  EXPECT_EQ(parse_cfs_quota("400000", "0"), std::nullopt);
}

TEST(DefaultWorkers, OnePerAllowedCpu) { EXPECT_EQ(default_workers({}, {.allowed_cpus = 6}), 6); }

TEST(DefaultWorkers, SlurmGivesATaskItsCpus) {
  const Environment environment{{"SLURM_CPUS_PER_TASK", "4"}};
  EXPECT_EQ(default_workers(environment, {.allowed_cpus = 6}), 4);
  EXPECT_EQ(default_workers(environment, {.allowed_cpus = 3}), 3);
}

TEST(DefaultWorkers, WithoutAskingForTasksAJobHasItsCpusHere) {
  EXPECT_EQ(default_workers({{"SLURM_CPUS_ON_NODE", "5"}}, {.allowed_cpus = 6}), 5);
  EXPECT_EQ(default_workers({{"SLURM_CPUS_ON_NODE", "5"}}, {.allowed_cpus = 6, .quota_cpus = 3.5}), 4);
}

TEST(DefaultWorkers, SeveralRanksLendOneEach) {
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 6, .ranks = 4}), 4);
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 2, .ranks = 8}), 2);
  EXPECT_EQ(default_workers({{"SLURM_CPUS_PER_TASK", "1"}}, {.allowed_cpus = 6, .ranks = 4}), 4);
}

TEST(DefaultWorkers, QuotaIsRoundedUp) {
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 6, .quota_cpus = 1.5}), 2);
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 6, .quota_cpus = 2.0}), 2);
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 6, .quota_cpus = 0.1}), 1);
  EXPECT_EQ(default_workers({}, {.allowed_cpus = 6, .quota_cpus = 64.0}), 6);
}

TEST(DefaultWorkers, AtLeastOne) { EXPECT_EQ(default_workers({}, {.allowed_cpus = 0}), 1); }

TEST(DefaultWorkers, BadNumberIsNamed) {
  EXPECT_EQ(error_of([] {
              default_workers({{"SLURM_CPUS_PER_TASK", "all"}}, {});
            }),
            "the environment variable SLURM_CPUS_PER_TASK is \"all\", but must be a positive integer");
}
}  // namespace
}  // namespace acre::launch

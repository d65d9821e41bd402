#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

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

TEST(Quota, CgroupsAreFound) {
  const std::string text = "9:name=systemd:/init\n3:cpuset:/set\n1:cpu,cpuacct:/one:two\n0::/user.slice\n";
  EXPECT_EQ(find_cgroup(text, "cpu"), "/one:two");
  EXPECT_EQ(find_cgroup(text, "cpuacct"), "/one:two");
  EXPECT_EQ(find_cgroup(text, ""), "/user.slice");
  EXPECT_EQ(find_cgroup(text, "memory"), std::nullopt);
  EXPECT_EQ(find_cgroup("", ""), std::nullopt);
}

/// A tree of cgroup files that goes when the test ends.
class CgroupTree : public testing::Test {
 protected:
  CgroupTree() : root_(testing::TempDir() + "cgroup_tree_" + std::to_string(getpid())) {
    std::filesystem::remove_all(root_);
  }
  ~CgroupTree() override { std::filesystem::remove_all(root_); }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

TEST_F(CgroupTree, TightestQuotaOnTheWayUpCounts) {
  write("job/cpu.max", "300000 100000\n");
  write("job/step/cpu.max", "max 100000\n");
  write("job/step/task/cpu.max", "800000 100000\n");
  EXPECT_EQ(cpu_quota(root(), "0::/job/step/task\n"), 3.0);
  EXPECT_EQ(cpu_quota(root(), "0::/other\n"), std::nullopt);
  EXPECT_EQ(cpu_quota(root(), "0::/\n"), std::nullopt);
}

TEST_F(CgroupTree, RootOfANamespaceCounts) {
  write("cpu.max", "50000 100000\n");
  EXPECT_EQ(cpu_quota(root(), "0::/\n"), 0.5);
  EXPECT_EQ(cpu_quota(root(), "0::/not/mounted/here\n"), 0.5);
}

TEST_F(CgroupTree, Version1IsBelowItsController) {
  write("cpu/job/cpu.cfs_quota_us", "250000\n");
  write("cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root(), "4:cpu,cpuacct:/job/inner\n0::/\n"), 2.5);
  EXPECT_EQ(cpu_quota(root(), "4:cpuset:/job\n"), std::nullopt);
}

TEST(DefaultWorkers, OnePerAllowedCpu) { EXPECT_EQ(default_workers({}, {.allowed_cpus = 6}), 6); }

TEST(DefaultWorkers, SlurmGivesATaskItsCpus) {
  const Environment environment{{"SLURM_CPUS_PER_TASK", "4"}};
  EXPECT_EQ(default_workers(environment, {.allowed_cpus = 6}), 4);
  EXPECT_EQ(default_workers(environment, {.allowed_cpus = 3}), 3);
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

#include <acre/launch/cgroups.hpp>
#include <acre/launch/cpus.hpp>
#include <acre/launch/node_memory.hpp>

#include "cgroup_tree.hpp"

namespace acre::launch {
namespace {
using Folders = std::vector<std::filesystem::path>;

const std::string unified = "31 25 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string hybrid =
    "24 1 0:5 / /proc rw - proc proc rw\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:4 master:2 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

TEST(Cgroups, Version2IsWalkedFromItsMountDown) {
  EXPECT_EQ(cgroup_folders("cpu", {"0::/user.slice/job:7\n", unified}),
            (Folders{"/sys/fs/cgroup", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup/user.slice/job:7"}));
  EXPECT_EQ(cgroup_folders("cpu", {"0::/\n", unified}), Folders{"/sys/fs/cgroup"});
}

TEST(Cgroups, AHybridHasBothWhereTheyAreMounted) {
  const CgroupTexts texts{"8:memory:/box\n3:cpuset:/set\n1:cpu,cpuacct:/job\n0::/slice\n", hybrid};
  EXPECT_EQ(cgroup_folders("cpu", texts),
            (Folders{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/slice", "/sys/fs/cgroup/cpu,cpuacct",
                     "/sys/fs/cgroup/cpu,cpuacct/job"}));
  EXPECT_EQ(cgroup_folders("memory", texts),
            (Folders{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/slice", "/sys/fs/cgroup/memory",
                     "/sys/fs/cgroup/memory/box"}));
  EXPECT_EQ(cgroup_folders("cpuset", texts),
            (Folders{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/unified/slice"}))
      << "it is not mounted";
}

TEST(Cgroups, AMountInAContainerShowsItsOwnGroupAlone) {
  const std::string mount = "50 40 0:29 /docker/ab /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n";
  EXPECT_EQ(cgroup_folders("cpu", {"4:cpu:/docker/ab\n", mount}), Folders{"/sys/fs/cgroup/cpu"});
  EXPECT_EQ(cgroup_folders("cpu", {"4:cpu:/docker/ab/task\n", mount}),
            (Folders{"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu/task"}));
  EXPECT_EQ(cgroup_folders("cpu", {"4:cpu:/docker/abc\n", mount}), Folders{"/sys/fs/cgroup/cpu"})
      << "/docker/ab is no folder above /docker/abc";
  EXPECT_EQ(cgroup_folders("cpu", {"4:cpu:/\n", mount}), Folders{"/sys/fs/cgroup/cpu"});
}

TEST(Cgroups, TheMountThatLeadsToTheGroupIsTaken) {
  const std::string mounts =
      "50 40 0:29 /other /mnt/other rw - cgroup cgroup rw,cpu\n"
      "51 40 0:29 / /mnt/all rw - cgroup cgroup rw,cpu\n";
  EXPECT_EQ(cgroup_folders("cpu", {"4:cpu:/job\n", mounts}), (Folders{"/mnt/all", "/mnt/all/job"}));
}

TEST(Cgroups, NamespacesHideWhatIsAboveThem) {
  const std::string from_outside = "50 40 0:29 /.. /mnt/outer rw - cgroup2 cgroup2 rw\n";
  EXPECT_EQ(cgroup_folders("cpu", {"0::/\n", from_outside}), Folders{"/mnt/outer"});
  EXPECT_EQ(cgroup_folders("cpu", {"0::/../sibling\n", unified}), Folders{});
}

TEST(Cgroups, BlanksInPlacesAreReadBack) {
  const std::string mount = "31 25 0:26 / /mnt/my\\040groups\\134 rw - cgroup2 cgroup2 rw\n";
  EXPECT_EQ(cgroup_folders("cpu", {"0::/\n", mount}), Folders{"/mnt/my groups\\"});
}

TEST(Cgroups, NothingIsFoundInOtherTexts) {
  EXPECT_EQ(cgroup_folders("cpu", {"", ""}), Folders{});
  EXPECT_EQ(cgroup_folders("cpu", {"0::/\n", ""}), Folders{});
  EXPECT_EQ(cgroup_folders("cpu", {"", hybrid}), Folders{});
  EXPECT_EQ(cgroup_folders("cpu", {"nonsense\n::\n", "30\n1 2 3 4 5 -\n - \n"}), Folders{});
}

TEST_F(CgroupTree, TheTightestQuotaOnTheWayCounts) {
  write("job/cpu.max", "300000 100000\n");
  write("job/step/cpu.max", "max 100000\n");
  write("job/step/task/cpu.max", "800000 100000\n");
  EXPECT_EQ(cpu_quota({"0::/job/step/task\n", version_2("")}), 3.0);
  EXPECT_EQ(cpu_quota({"0::/other\n", version_2("")}), std::nullopt);
  EXPECT_EQ(cpu_quota({"0::/\n", version_2("")}), std::nullopt);
}

TEST_F(CgroupTree, TheQuotaOfANamespacesRootCounts) {
  write("cpu.max", "50000 100000\n");
  EXPECT_EQ(cpu_quota({"0::/\n", version_2("")}), 0.5);
  EXPECT_EQ(cpu_quota({"0::/not/there\n", version_2("")}), 0.5);
}

TEST_F(CgroupTree, BothVersionsHaveQuotas) {
  write("cpu/job/cpu.cfs_quota_us", "250000\n");
  write("cpu/job/cpu.cfs_period_us", "100000\n");
  write("unified/slice/cpu.max", "200000 100000\n");
  const std::string mounts = version_1("cpu,cpuacct", "cpu") + version_2("unified");
  EXPECT_EQ(cpu_quota({"4:cpu,cpuacct:/job/inner\n0::/\n", mounts}), 2.5);
  EXPECT_EQ(cpu_quota({"4:cpu,cpuacct:/job/inner\n0::/slice\n", mounts}), 2.0);
  EXPECT_EQ(cpu_quota({"4:cpuset:/job\n", mounts}), std::nullopt);
}

TEST_F(CgroupTree, TheTightestMemoryLimitOnTheWayCounts) {
  write("memory.max", "max\n");
  write("job/memory.max", "3000000\n");
  write("job/step/memory.max", "max\n");
  write("old/box/memory.limit_in_bytes", "2000000\n");
  const std::string mounts = version_2("") + version_1("memory", "old");
  EXPECT_EQ(cgroup_memory_bytes({"0::/job/step\n", mounts}), 3000000U);
  EXPECT_EQ(cgroup_memory_bytes({"0::/\n", mounts}), std::nullopt);
  EXPECT_EQ(cgroup_memory_bytes({"4:memory:/box\n0::/job\n", mounts}), 2000000U);
}

TEST(Memory, TheMachinesTotalIsRead) {
  EXPECT_EQ(parse_memory_total("MemTotal:       24684092 kB\nMemFree:        24271780 kB\n"), 25276510208U);
  EXPECT_EQ(parse_memory_total("MemFree: 1 kB\n"), std::nullopt);
  EXPECT_EQ(parse_memory_total("MemTotal: lots\n"), std::nullopt);
  EXPECT_EQ(parse_memory_total(""), std::nullopt);
}
}  // namespace
}  // namespace acre::launch

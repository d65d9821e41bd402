// Cgroups that the kernel keeps: where this machine lets the test make them.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>

#include <gtest/gtest.h>

#include <acre/launch/cgroups.hpp>
#include <acre/launch/host.hpp>

namespace acre::launch {
namespace {
namespace fs = std::filesystem;

bool write(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  return out.good();
}

/// A new group below this process's own, with one more below it; both go with this object.
class Group {
 public:
  /// The group has the file `limit`, or it is not there.
  Group(const std::string& controller, const std::string& limit) {
    for (const fs::path& own : cgroup_folders(controller, read_cgroup_texts())) {
      const fs::path made = own / ("acre-test-" + std::to_string(getpid()));
      std::error_code problem;
      if (!fs::create_directory(made, problem)) continue;
      if (fs::exists(made / limit)) {
        folder_ = made;
        fs::create_directory(inner(), problem);
        return;
      }
      fs::remove(made, problem);
    }
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  ~Group() {
    std::error_code problem;
    if (!folder_) return;
    fs::remove(inner(), problem);
    fs::remove(*folder_, problem);
  }

  bool made() const { return folder_.has_value(); }
  bool set(const std::string& file, const std::string& text) const { return write(*folder_ / file, text); }
  fs::path folder() const { return *folder_; }
  fs::path inner() const { return *folder_ / "inner"; }

 private:
  std::optional<fs::path> folder_;
};

/// What a shell prints that runs `command` inside of a group.
std::string inside(const fs::path& group, const std::string& command) {
  const std::string line = "echo 0 >'" + (group / "cgroup.procs").string() + "' && " + command;
  std::FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::string output;
  std::array<char, 256> piece{};
  while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) output += piece.data();
  return pclose(pipe) == 0 ? output : output + "(failed)";
}

const std::string print_limits = "'" ACRE_PRINT_LIMITS "'";

std::string limits_inside(const fs::path& group) { return inside(group, print_limits); }

TEST(RealCgroups, AQuotaOfVersion1IsObeyed) {
  const Group group("cpu", "cpu.cfs_quota_us");
  if (!group.made()) GTEST_SKIP() << "this machine does not let the test make CPU groups of version 1";
  ASSERT_TRUE(group.set("cpu.cfs_period_us", "100000") && group.set("cpu.cfs_quota_us", "150000"));
  EXPECT_EQ(limits_inside(group.folder()).substr(0, 9), "1.5 CPUs,");
  EXPECT_EQ(limits_inside(group.inner()).substr(0, 9), "1.5 CPUs,") << "the group above bounds it";
  ASSERT_TRUE(write(group.inner() / "cpu.cfs_quota_us", "50000"));
  EXPECT_EQ(limits_inside(group.inner()).substr(0, 9), "0.5 CPUs,");
  EXPECT_NE(limits_inside(group.folder()).find("2 workers\n"), std::string::npos);
}

TEST(RealCgroups, AMemoryLimitOfVersion1IsObeyed) {
  const Group group("memory", "memory.limit_in_bytes");
  if (!group.made()) GTEST_SKIP() << "this machine does not let the test make memory groups of version 1";
  ASSERT_TRUE(group.set("memory.limit_in_bytes", "67108864"));
  EXPECT_NE(limits_inside(group.folder()).find(" 67108864 bytes"), std::string::npos);
  EXPECT_NE(limits_inside(group.inner()).find(" 67108864 bytes"), std::string::npos);
}

TEST(RealCgroups, LimitsOfVersion2AreObeyed) {
  const Group cpu("cpu", "cpu.max");
  if (!cpu.made()) GTEST_SKIP() << "this machine does not let the test make CPU groups of version 2";
  ASSERT_TRUE(cpu.set("cpu.max", "150000 100000"));
  EXPECT_EQ(limits_inside(cpu.inner()).substr(0, 9), "1.5 CPUs,");
  if (!cpu.set("memory.max", "67108864")) return;
  EXPECT_NE(limits_inside(cpu.inner()).find(" 67108864 bytes"), std::string::npos);
}

// As in a container: its own group is the root of all that it sees.
TEST(RealCgroups, AQuotaIsSeenFromInsideOfANamespace) {
  const Group group("cpu", "cpu.cfs_quota_us");
  if (!group.made()) GTEST_SKIP() << "this machine does not let the test make CPU groups of version 1";
  ASSERT_TRUE(group.set("cpu.cfs_period_us", "100000") && group.set("cpu.cfs_quota_us", "150000"));
  const std::string mount = "mount -t cgroup -o cpu cgroup /mnt && ";
  const std::string command =
      "unshare --cgroup --mount sh -c \"" + mount + "grep :cpu: /proc/self/cgroup && ";
  const std::string output = inside(group.folder(), command + print_limits + "\" 2>&1");
  if (output.find(":cpu:/\n") == std::string::npos)
    GTEST_SKIP() << "no namespace of cgroups here: " << output;
  EXPECT_NE(output.find("\n1.5 CPUs,"), std::string::npos) << output;
}
}  // namespace
}  // namespace acre::launch

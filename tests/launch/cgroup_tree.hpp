// A tree of files like those of a mounted cgroup hierarchy.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <acre/launch/cgroups.hpp>

namespace acre::launch {

/// Files that go when the test ends.
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
  std::string place(const std::string& folder) const { return (root_ / folder).string(); }
  /// A line of mountinfo: version 2 mounted at `folder`, where `group` is seen.
  std::string version_2(const std::string& folder, const std::string& group = "/") const {
    return "31 25 0:26 " + group + " " + place(folder) +
           " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
  }
  /// The same for version 1 with these controllers.
  std::string version_1(const std::string& controllers, const std::string& folder,
                        const std::string& group = "/") const {
    return "32 25 0:27 " + group + " " + place(folder) + " rw,nosuid - cgroup cgroup rw," + controllers +
           "\n";
  }

 private:
  std::filesystem::path root_;
};

}  // namespace acre::launch

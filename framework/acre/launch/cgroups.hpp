// Where the kernel keeps the limits of this process's control groups, versions 1 and 2 (cgroups(7)).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace acre::launch {

/// What tells where the limits are: the texts of /proc/self/cgroup and /proc/self/mountinfo.
struct CgroupTexts {
  std::string cgroup, mountinfo;
};

/// The texts of this process now. Any thread; reads files.
CgroupTexts read_cgroup_texts();

/// The folders whose limits hold for this process, of version 2 and of `controller` in version 1: from where
/// a hierarchy is mounted down to the process's own group. In a container the mount may be of its own group
/// alone; what is above it cannot be seen. Any thread; touches no file.
std::vector<std::filesystem::path> cgroup_folders(std::string_view controller, const CgroupTexts& texts);

}  // namespace acre::launch

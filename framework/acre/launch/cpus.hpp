// How many CPUs this process may use, by affinity mask, by cgroup quota and by what Slurm gave.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <acre/launch/cgroups.hpp>
#include <acre/launch/environment.hpp>

namespace acre::launch {

/// The CPUs of a kernel CPU list such as "0-3,8", ascending; "" is no CPU. Any thread. Throws acre::Error if
/// it is not such a list.
std::vector<int> parse_cpu_list(std::string_view text);

/// The CPUs the calling thread may run on, ascending. Throws acre::Error if the kernel does not tell.
std::vector<int> allowed_cpus();

/// The quota in a cgroup v2 `cpu.max` ("150000 100000" is 1.5 CPUs); nothing for "max". Any thread.
std::optional<double> parse_cpu_max(std::string_view cpu_max);

/// The quota in a cgroup v1 `cpu.cfs_quota_us` and `cpu.cfs_period_us`, in CPUs; nothing for -1. Any thread.
std::optional<double> parse_cfs_quota(std::string_view quota_us, std::string_view period_us);

/// The tightest quota (cpu.max, cpu.cfs_quota_us) of this process's cgroups, in CPUs; nothing if there is
/// none. Any thread; reads files.
std::optional<double> cpu_quota(const CgroupTexts& texts);

/// What a node offers to one program.
struct CpuBudget {
  int allowed_cpus = 1;  ///< CPUs in the union of the masks of the node's ranks.
  std::optional<double> quota_cpus =
      {};         ///< CPU seconds a second that the cgroup grants; it may have a fraction.
  int ranks = 1;  ///< Ranks the launcher placed on the node; 1 without a launcher.
};

/// Workers to start on a node where the user says nothing: one per rank if there are several, else one for
/// each CPU that Slurm gives (slurm_cpus()); never more than the allowed CPUs, nor than the quota, rounded
/// up; at least 1. Any thread. Throws acre::Error if Slurm's number is not one.
int default_workers(const Environment& environment, const CpuBudget& budget);

}  // namespace acre::launch

// How much memory the processes of this run may use on this node.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <acre/launch/cgroups.hpp>
#include <acre/launch/environment.hpp>

namespace acre::launch {

/// MemTotal in the text of /proc/meminfo, in bytes; nothing if it does not say. Any thread.
std::optional<std::uint64_t> parse_memory_total(std::string_view meminfo);

/// The tightest memory limit of this process's cgroups (memory.max, memory.limit_in_bytes), in bytes; nothing
/// if there is none. Any thread; reads files.
std::optional<std::uint64_t> cgroup_memory_bytes(const CgroupTexts& texts);

/// The smallest of what the machine has, what the cgroups allow, and what Slurm gives the job here, in bytes.
/// `cpus` as in slurm_memory_bytes(). Any thread; reads files. Throws acre::Error if the system does not
/// tell.
std::uint64_t node_memory_bytes(const Environment& environment, const CgroupTexts& texts, int cpus);

}  // namespace acre::launch

// What Slurm gives a job on the node it runs on, as its environment tells.
#pragma once

#include <cstdint>
#include <optional>

#include <acre/launch/environment.hpp>

namespace acre::launch {

/// CPUs for this process, if it is its job's only one here: SLURM_CPUS_PER_TASK, or else all that the job has
/// on this node; nothing outside of Slurm. Any thread. Throws acre::Error if Slurm's number is not one.
std::optional<int> slurm_cpus(const Environment& environment);

/// Memory of the job on this node in bytes, by SLURM_MEM_PER_NODE or SLURM_MEM_PER_CPU (in MiB, or with K, M,
/// G or T behind it); the latter for each of the job's CPUs here, or for `cpus` if Slurm does not count them.
/// Nothing if there is no such limit. Any thread. Throws acre::Error if Slurm's number of CPUs is not one.
std::optional<std::uint64_t> slurm_memory_bytes(const Environment& environment, int cpus);

}  // namespace acre::launch

// When the batch job ends that this process is part of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <acre/launch/environment.hpp>

namespace acre::launch {

/// The end of a batch job, as far as it can be told.
struct JobEnd {
  std::optional<std::int64_t> wall_ns;  ///< nanoseconds since 1970 in UTC; nothing: unknown, or never
  std::string note;  ///< for people: what was said of the end and makes no sense; mostly empty
};

/// Runs a command with the variables ("NAME=value") added to its environment; what it wrote, or nothing if it
/// failed.
using Ask = std::function<std::optional<std::string>(const std::vector<std::string>& command,
                                                     const std::vector<std::string>& variables)>;

/// The end of the Slurm job that the environment tells of: SLURM_JOB_END_TIME if it is set, or else asked for
/// with squeue, once; without SLURM_JOB_ID nothing is asked. An end that has passed is ignored, with a note.
/// Blocks as long as `ask` does; throws what it throws. Any thread.
JobEnd find_job_end(const Environment& environment, std::int64_t wall_now_ns, const Ask& ask);

}  // namespace acre::launch

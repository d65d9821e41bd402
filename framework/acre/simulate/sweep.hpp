// Many simulated clusters, one for each seed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <acre/simulate/cluster.hpp>

namespace acre::simulate {

/// What has come of a seed.
struct Verdict {
  std::uint64_t seed = 0;
  Summary summary;
  std::string broken;  ///< the invariant that did not hold, or nothing
  std::string trace;   ///< the last lines of it, or all of them
};

/// Runs the cluster of a seed; the trace holds at most `traced` lines. Any thread; blocks for the run.
Verdict run_seed(std::uint64_t seed, std::size_t traced = 30);

/// The seed whose cluster this thread runs and what happened there lately; for whoever handles an abort.
/// Called by the thread itself.
std::string running_seed();

/// What has come of a sweep.
struct Totals {
  std::uint64_t seeds = 0, failed = 0, tasks = 0, events = 0;
};

/// Runs the seeds from `first` on, before `end`, on `threads` threads; calls `failed` for each that failed,
/// one at a time. Blocks until all are done.
Totals sweep(std::uint64_t first, std::uint64_t end, unsigned threads,
             const std::function<void(const Verdict&)>& failed);

}  // namespace acre::simulate

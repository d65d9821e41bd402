// What a dealer counts, for those who ask how the work goes.
#pragma once

#include <cstdint>

#include <acre/task/values.hpp>

namespace acre::node {

/// How tasks have ended.
struct Tally {
  std::uint64_t done = 0;       ///< they returned
  std::uint64_t failed = 0;     ///< they threw, or their attempts were lost
  std::uint64_t cancelled = 0;  ///< not started: taken back, or the run or the executor ended before
  std::uint64_t retried = 0;    ///< attempts beyond the first of those that have ended
  std::uint64_t workers_lost = 0;

  void note(const task::Outcome& outcome);
  /// So many of these values.
  void note(const task::Values& values, std::uint32_t count);
};

/// Input that has not been dealt to any member so far.
struct Undealt {
  std::uint64_t tasks = 0, bytes = 0;
};

}  // namespace acre::node

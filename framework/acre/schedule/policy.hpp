// What a level of the tree does differently from another one: data, not code.
#pragma once

#include <cstdint>

#include <acre/base/time.hpp>

namespace acre::schedule {

/// How a scheduler deals. Times are of one worker; for a member with many they count once for each.
struct Policy {
  /// @name Prefetch: by time, refilled at low water
  /// @{
  Duration prefetch_target = std::chrono::milliseconds(20);  ///< work a worker holds ahead of need
  double low_water = 0.5;            ///< refill once held work falls below this part of the target
  std::uint32_t prefetch_min = 1;    ///< tasks held beyond the running one, whatever they take
  std::uint32_t prefetch_max = 512;  ///< chunks held beyond the running one, at most (bounds queues)
  /// @}

  /// @name Chunks: factoring, bounded by time
  /// @{
  Duration chunk_target = std::chrono::milliseconds(2);  ///< work in a chunk, at most
  std::uint32_t chunk_max = 1024;                        ///< tasks in a chunk, at most
  /// @}

  /// @name Failures
  /// @{
  std::uint32_t max_strikes = 0xffff;  ///< workers that one task may kill before it is quarantined
  Duration backoff{};  ///< wait before the first retry, doubled for each further one, up to a minute
  /// So many workers that die before they join while there is no member break, or max_fruitless while there
  /// are some, if none joins; 0: never.
  std::uint32_t max_unborn = 0;
  /// So many members lost while they run nothing break, if no outcome comes; 0: never.
  std::uint32_t max_fruitless = 0;
  /// @}

  /// Idle members repeat a task that has run this many mean task times; 0: never.
  double speculate_after = 0;
};

}  // namespace acre::schedule

// What the scheduler knows of a submission as a whole: a range of tasks, often a single one.
#pragma once

#include <cstdint>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/links.hpp>

namespace acre::schedule {

/// A range. Its tasks before `next` have been split off in chunks, those before `end` are fresh: never dealt.
struct Task {
  TaskId id{};
  Links links;  ///< in the ready queue, while there are fresh tasks
  Duration expected{}, timeout{};
  List chunks;  ///< those with tasks of this range that have not ended
  std::uint32_t next = 0, end = 0;
  std::uint32_t undone = 0;  ///< tasks that have not ended; 0: the slot is free
  std::uint32_t chunk = 0;   ///< tasks to deal together at most; 0: as is best
  std::uint16_t max_attempts = 1, used = 0;
  std::uint16_t key = 0;  ///< in the ready queue

  std::uint32_t fresh() const { return end - next; }
};
static_assert(sizeof(Task) <= 80);

}  // namespace acre::schedule

// Statistics: how the work of an executor goes.
#pragma once

#include <cstdint>

namespace acre {

/// A moment's numbers of one executor. Tasks are in one of pending, held, running, done, failed and
/// cancelled; `running` knows of tasks on this node only as often as the workers report.
struct Statistics {
  std::uint32_t workers = 0;    ///< that are ready for tasks, on all nodes
  std::uint64_t pending = 0;    ///< tasks that wait here to be dealt
  std::uint64_t held = 0;       ///< tasks dealt and not known to have started
  std::uint64_t running = 0;    ///< tasks known to run
  std::uint64_t done = 0;       ///< tasks that have returned
  std::uint64_t failed = 0;     ///< tasks that threw, or whose attempts were lost
  std::uint64_t cancelled = 0;  ///< tasks not started: taken back, or the run or the executor ended before
  std::uint64_t retried = 0;    ///< attempts beyond the first, of tasks that have ended
  std::uint64_t workers_lost =
      0;  ///< worker processes of this node that died; those replaced as planned apart
  std::uint64_t pending_bytes = 0;  ///< encoded arguments that have not been dealt so far
};

}  // namespace acre

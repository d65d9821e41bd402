// wait: for the first, the first failure, or all of a set of futures.
#pragma once

#include <vector>

#include <acre/executor/future.hpp>
#include <acre/executor/gathering.hpp>

namespace acre {

/// What wait() waits for.
enum class Until { first_completed, first_exception, all };

/// Positions of the futures that have ended and of those that have not.
struct Waited {
  std::vector<std::size_t> done;      ///< in order
  std::vector<std::size_t> not_done;  ///< in order
};

/// Waits for futures of any executors. Blocks until the condition holds or the time is over; throws
/// WouldDeadlock.
template <class T>
Waited wait(const std::vector<Future<T>>& futures, Until until = Until::all,
            std::optional<Duration> timeout = {}) {
  const Instant deadline = executor::deadline_after(timeout);
  executor::Gathering gathering;
  if (until != Until::all)
    for (const auto& future : futures) gathering.add(future.state());
  while (const auto state = gathering.next(deadline))
    if (until == Until::first_completed || state->failed()) break;
  if (until == Until::all)
    for (const auto& future : futures)
      if (!future.state()->wait(deadline)) break;
  Waited waited;
  for (std::size_t i = 0; i < futures.size(); ++i)
    (futures[i].done() ? waited.done : waited.not_done).push_back(i);
  return waited;
}

}  // namespace acre

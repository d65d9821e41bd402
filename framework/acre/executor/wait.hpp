// wait: for the first, the first failure, or all of a set of futures.
#pragma once

#include <vector>

#include <acre/executor/future.hpp>

namespace acre {

/// What wait() waits for.
enum class Until { first_completed, first_exception, all };

/// Positions of the futures that have ended and of those that have not.
struct Waited {
  std::vector<std::size_t> done, not_done;
};

/// Waits for futures of any executors. Blocks until the condition holds or the time is over; throws
/// WouldDeadlock.
template <class T>
Waited wait(const std::vector<Future<T>>& futures, Until until = Until::all,
            std::optional<Duration> timeout = {}) {
  const Instant deadline = executor::deadline_after(timeout);
  auto arrivals = std::make_shared<executor::Arrivals>();
  if (until != Until::all)
    for (const auto& future : futures) future.state()->announce_to(arrivals);
  bool met = false;
  const auto enough = [&] {
    while (const auto state = arrivals->pop())
      met |= until == Until::first_completed || state->outcome().ending != task::Ending::value;
    return met;
  };
  for (const auto& future : futures) {
    const auto stop = [&] { return enough() || future.done(); };
    const node::SleepPlan plan{
        .low_water = false, .any_result = until != Until::all, .awaited = future.state()->task()};
    if (!future.done()) future.state()->engine()->wait(stop, plan, deadline);
    if (enough() || !future.done()) break;
  }
  Waited waited;
  for (std::size_t i = 0; i < futures.size(); ++i)
    (futures[i].done() ? waited.done : waited.not_done).push_back(i);
  return waited;
}

}  // namespace acre

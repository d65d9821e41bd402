// The two designs that peers use, in as much detail as their limits need.
#include <algorithm>
#include <queue>

#include <acre/simulate/study.hpp>

namespace acre::simulate {
namespace {

/// What a run adds up.
struct Sums {
  std::int64_t work_ns = 0, longest_ns = 0, makespan_ns = 0;
  double idle_ns = 0;  ///< at the end, of all workers

  std::int64_t draw(Draw& draws, const StudyCase& what) {
    const std::int64_t time = draws.time(what.shape, what.tau).count();
    work_ns += time;
    longest_ns = std::max(longest_ns, time);
    return time;
  }
  StudyResult result(const StudyCase& what, double messages) const {
    const auto workers = static_cast<double>(what.workers());
    const auto makespan = static_cast<double>(makespan_ns), work = static_cast<double>(work_ns);
    return {.efficiency = work / (workers * makespan),
            .over_bound = makespan / std::max(work / workers, static_cast<double>(longest_ns)),
            .root_messages_per_task = messages / (workers * what.tasks_per_worker),
            .root_messages_per_s = messages / makespan * 1e9,
            .tail_idle = idle_ns / workers / makespan};
  }
};

/// Whoever asks first is served first, by a manager that takes two messages' time for each.
using Asking = std::priority_queue<std::pair<std::int64_t, std::uint32_t>,
                                   std::vector<std::pair<std::int64_t, std::uint32_t>>, std::greater<>>;

}  // namespace

StudyResult study_self_scheduling(const StudyCase& what) {
  Draw draws(1, 0);
  Sums sums;
  const std::uint64_t workers = what.workers(), tasks = workers * what.tasks_per_worker;
  const std::int64_t service = 2 * what.costs.message.count(), flight = what.costs.flight.count();
  Asking asking;
  for (std::uint32_t worker = 0; worker < workers; ++worker) asking.emplace(flight, worker);
  std::int64_t free_ns = 0;
  for (std::uint64_t task = 0; task < tasks; ++task) {
    const auto [at, worker] = asking.top();
    asking.pop();
    free_ns = std::max(free_ns, at) + service;
    const std::int64_t end = free_ns + flight + sums.draw(draws, what);
    asking.emplace(end + flight, worker);
  }
  // The last results come in one by one, too.
  std::vector<std::int64_t> ends;
  for (; !asking.empty(); asking.pop()) {
    ends.push_back(asking.top().first - flight);
    free_ns = std::max(free_ns, asking.top().first) + service;
  }
  sums.makespan_ns = free_ns;
  for (const std::int64_t end : ends) sums.idle_ns += static_cast<double>(free_ns - end);
  return sums.result(what, 2.0 * static_cast<double>(tasks + workers));
}

StudyResult study_batches(const StudyCase& what, std::uint32_t per_worker) {
  Draw draws(1, 0);
  Sums sums;
  const std::uint32_t width = what.tree.back();
  const auto nodes = static_cast<std::uint32_t>(what.workers() / width);
  const std::uint64_t batch = std::uint64_t{per_worker} * width;
  const std::int64_t service = 2 * what.costs.message.count(), flight = what.costs.flight.count();
  std::uint64_t left = what.workers() * what.tasks_per_worker, messages = 0;
  Asking asking;
  for (std::uint32_t node = 0; node < nodes; ++node) asking.emplace(flight, node);
  std::vector<double> idle(nodes);
  std::int64_t free_ns = 0;
  for (; !asking.empty(); messages += 2) {
    const auto [at, node] = asking.top();
    asking.pop();
    free_ns = std::max(free_ns, at) + service;
    const std::uint64_t count = std::min(left, batch);
    left -= count;
    if (count == 0) continue;
    // On its node, whoever is free takes the next one.
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> ends;
    for (std::uint32_t worker = 0; worker < width; ++worker) ends.push(free_ns + flight);
    std::int64_t last = 0;
    for (std::uint64_t task = 0; task < count; ++task) {
      const std::int64_t end = ends.top() + sums.draw(draws, what);
      ends.pop();
      ends.push(end);
      last = std::max(last, end);
    }
    idle[node] = 0;
    for (; !ends.empty(); ends.pop()) idle[node] += static_cast<double>(last - ends.top());
    idle[node] -= static_cast<double>(width) * static_cast<double>(last);
    asking.emplace(last + flight, node);
  }
  sums.makespan_ns = free_ns;
  for (const double node : idle)
    sums.idle_ns += node + static_cast<double>(width) * static_cast<double>(free_ns);
  return sums.result(what, static_cast<double>(messages));
}

}  // namespace acre::simulate

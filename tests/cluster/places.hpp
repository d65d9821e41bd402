// Where tasks run: the processes above them, and how a test makes every node answer.
#pragma once

#include <functional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <acre/acre.hpp>

namespace acre::test {

/// The processes from a task up to the agent of its node.
struct Place {
  int worker = 0, preloaded = 0, zygote = 0, agent = 0;
};
ACRE_RECORD(Place, worker, preloaded, zygote, agent)

/// A task that tells where it runs.
Place place();

/// Keeps tasks under way, made by `submit`, until those that have ended come from as many agents as the run
/// has nodes; `agent_of` tells an ended one's agent. Fails the test if that takes longer than 20 s.
template <class T>
std::vector<Future<T>> until_all_nodes_answer(std::size_t nodes, const std::function<Future<T>()>& submit,
                                              const std::function<int(const Future<T>&)>& agent_of) {
  std::vector<Future<T>> ended;
  std::set<int> agents;
  const Instant limit = now() + std::chrono::seconds(20);
  AsCompleted<T> under_way({}, std::chrono::seconds(20));
  for (std::size_t i = 0; i < 4 * nodes; ++i) under_way.add(submit());
  for (const Future<T>& future : under_way) {
    ended.push_back(future);
    agents.insert(agent_of(future));
    if (agents.size() < nodes && now() < limit) under_way.add(submit());
  }
  if (agents.size() < nodes)
    throw std::runtime_error("only " + std::to_string(agents.size()) + " nodes answer");
  return ended;
}

/// Waits until an executor has run a task on each of the run's nodes.
void await_nodes(Executor& executor, int nodes);

/// The ranks of this job: processes, in order of their start.
std::vector<int> ranks_of_this_job();

}  // namespace acre::test

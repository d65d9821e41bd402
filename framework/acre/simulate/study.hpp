// How well tasks are dealt to very many workers: faultless runs under a virtual clock, by acre's schedulers
// in a tree and by the two designs that its peers use.
#pragma once

#include <cstdint>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/simulate/draw.hpp>

namespace acre::simulate {

/// What messages and looking for them cost; measured figures go in here.
struct StudyCosts {
  Duration message = std::chrono::microseconds(2);    ///< to send or to receive one, of the process's time
  Duration chunk{300};                                ///< to handle a chunk in a scheduler
  Duration flight = std::chrono::microseconds(5);     ///< of a message between two nodes
  Duration wake = std::chrono::microseconds(50);      ///< of an agent that a worker rings for
  Duration leaf_poll = std::chrono::milliseconds(5);  ///< agents of workers look for messages so often
  Duration poll{200'000};                             ///< agents of agents do so
};

/// One run. A worker of a node runs tasks at full speed; agents run beside them.
struct StudyCase {
  std::vector<std::uint32_t> tree;  ///< members of the root, of each of them, …; the last ones are workers
  Duration tau = std::chrono::milliseconds(1);  ///< mean time of a task
  Shape shape = Shape::uniform;
  std::uint32_t tasks_per_worker = 1000;
  StudyCosts costs = {};

  std::uint64_t workers() const;
};

/// What came of it.
struct StudyResult {
  double efficiency = 0;              ///< work / (workers × makespan); makespan: until the root knows it all
  double over_bound = 0;              ///< makespan / max(work / workers, longest task)
  double root_messages_per_task = 0;  ///< received and sent by the root
  double root_messages_per_s = 0;     ///< of virtual time
  double tail_idle = 0;               ///< mean time that workers idle at the end / makespan
};

/// acre: the scheduler at every level of the tree, each a process that handles one message after the other.
/// Deterministic; any thread; throws when memory runs out.
StudyResult study_tree(const StudyCase& what);

/// A single manager: deals one task at a time to each worker that asks for one.
StudyResult study_self_scheduling(const StudyCase& what);

/// Nodes get batches of so many tasks per worker, and the next one when all of it has ended.
StudyResult study_batches(const StudyCase& what, std::uint32_t tasks_per_worker_and_batch);

}  // namespace acre::simulate

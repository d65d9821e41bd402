// What agents say to each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/node/protocol.hpp>
#include <acre/task/outcome.hpp>

namespace acre::cluster {

/// The channel about the run itself; executors have channels 1, 2, ….
inline constexpr std::uint32_t control_channel = 0;

/// Kinds of frames. Down: from the root to an agent; up: from an agent to the root.
enum class FrameKind : std::uint32_t {
  open = 1,      ///< down, control: Open
  finish = 2,    ///< down, control: the run is over
  tasks = 3,     ///< down: a TaskBatch
  recall = 4,    ///< down: many RecallOrder
  close = 5,     ///< down: stop the workers; tasks that are left are not waited for any more
  workers = 6,   ///< up: WorkersReport
  outcomes = 7,  ///< up: many TaskResult, of tasks that did not return a small value
  recalled = 8,  ///< up: many RecallAnswer
  broken = 9,    ///< up: words
  closed = 10,   ///< up: the workers are gone
  drain = 11,    ///< up, control: this rank was told to end the run
  bye = 12,      ///< up, control: the last frame of an agent, after finish
  resize = 13,   ///< down: a std::uint32_t, so many workers from now on
  stop = 14,     ///< down: tasks that ask whether to stop are told so
  share = 15,    ///< down: a task::SharedPlace as it is in memory, and the encoding
  unshare = 16,  ///< down: the id of a shared value
  values = 17    ///< up: a ValueBatch
};

/// An executor is to be opened on the agent's node.
struct Open {
  std::uint32_t channel = 0;
  std::int32_t workers = 0;                   ///< 0: what the node offers
  std::uint64_t memory_per_worker_bytes = 0;  ///< bounds what the node offers; 0: unknown
  std::int64_t backoff_ns = 0;                ///< these three as in schedule::Policy
  std::uint32_t max_strikes = 0;
  double speculate_after = 0;
  std::string event_log;  ///< folder for event logs; empty: none
  node::PoolSetup setup;
};
ACRE_RECORD(Open, channel, workers, memory_per_worker_bytes, backoff_ns, max_strikes, speculate_after,
            event_log, setup)

struct WorkersReport {
  std::uint32_t workers = 0;  ///< ready for tasks
  bool all_ready = false;     ///< these are all that were asked for
  bool operator==(const WorkersReport&) const = default;
};
ACRE_RECORD(WorkersReport, workers, all_ready)

struct TaskResult {
  ChunkId chunk{};
  std::uint32_t place = 0;  ///< of the task in the chunk
  task::Outcome outcome;
};
ACRE_RECORD(TaskResult, chunk, place, outcome)

struct RecallOrder {
  ChunkId chunk{};
  std::uint32_t count = 1;  ///< so many tasks at most, the last ones
  bool unwanted = false;    ///< also those that run: end them
};
ACRE_RECORD(RecallOrder, chunk, count, unwanted)

struct RecallAnswer {
  ChunkId chunk{};
  bool taken_back = false;  ///< if not: what is left of the chunk has started, or stays
  std::uint32_t first = 0, count = 1;
  std::uint32_t used = 0;  ///< these four as in node::Losses
  TaskId task{};
  std::uint32_t place = 0;
  std::string account = {};
};
ACRE_RECORD(RecallAnswer, chunk, taken_back, first, count, used, task, place, account)

}  // namespace acre::cluster

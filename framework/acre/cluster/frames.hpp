// What agents say to each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/node/protocol.hpp>
#include <acre/task/frame.hpp>

namespace acre::cluster {

/// The channel about the run itself; executors have channels 1, 2, ….
inline constexpr std::uint32_t control_channel = 0;

/// Kinds of frames. Down: from the root to an agent; up: from an agent to the root.
enum class FrameKind : std::uint32_t {
  open = 1,      ///< down, control: Open
  finish = 2,    ///< down, control: the run is over
  tasks = 3,     ///< down: many TaskOrder
  recall = 4,    ///< down: many TaskId
  close = 5,     ///< down: stop the workers; tasks that are left are not waited for any more
  workers = 6,   ///< up: how many workers are ready
  outcomes = 7,  ///< up: many TaskResult
  recalled = 8,  ///< up: many RecallAnswer
  broken = 9,    ///< up: words
  closed = 10,   ///< up: the workers are gone
  drain = 11,    ///< up, control: this rank was told to end the run
  bye = 12       ///< up, control: the last frame of an agent, after finish
};

/// An executor is to be opened on the agent's node.
struct Open {
  std::uint32_t channel = 0;
  std::int32_t workers = 0;  ///< 0: what the node offers
  std::uint32_t max_attempts = 1;
  node::PoolSetup setup;
};
ACRE_RECORD(Open, channel, workers, max_attempts, setup)

struct TaskOrder {
  TaskId task{};  ///< the root's
  task::TaskHead head;
  Bytes arguments;
};
ACRE_RECORD(TaskOrder, task, head, arguments)

struct TaskResult {
  TaskId task{};
  task::Outcome outcome;
};
ACRE_RECORD(TaskResult, task, outcome)

struct RecallAnswer {
  TaskId task{};
  bool taken_back = false;
  std::uint32_t used = 0;  ///< attempts that the task has lost so far
};
ACRE_RECORD(RecallAnswer, task, taken_back, used)

}  // namespace acre::cluster

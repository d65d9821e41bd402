// Many tasks, and the values of many, in one frame: in columns, so that each costs no memory of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/node/member_group.hpp>
#include <acre/node/task_request.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/values.hpp>

namespace acre::cluster {

/// A chunk that is dealt to an agent. Encoded as it is in memory.
struct TaskOrder {
  ChunkId chunk{};          ///< the root's
  TaskId task{};            ///< the root's: for answers to a recall
  task::TaskHead head;      ///< of the first task
  std::uint32_t first = 0;  ///< its place in the root's range
  std::uint32_t count = 1;  ///< tasks in the chunk
  std::uint32_t max_attempts = 1,
                limit = 0;  ///< these and the last three as in node::Terms; limit: its chunk
  std::int32_t priority = 0;
  std::uint32_t accounts = 0;  ///< so many of the batch's accounts are of these tasks
  std::int64_t expected_ns = 0, timeout_ns = 0;

  node::Terms terms() const { return {max_attempts, limit, priority, expected_ns, timeout_ns}; }
};
ACRE_RECORD(TaskOrder, chunk, task, head, first, count, max_attempts, limit, priority, accounts, expected_ns,
            timeout_ns)

/// How a task has lost attempts so far, in words.
struct TaskAccount {
  std::uint32_t place = 0;  ///< of the task in its chunk
  std::string words;
};
ACRE_RECORD(TaskAccount, place, words)

/// Tasks for an agent.
struct TaskBatch {
  std::vector<TaskOrder> orders;
  std::vector<std::uint64_t> ends;    ///< of each task, in the arguments of all
  std::vector<TaskAccount> accounts;  ///< in order of the tasks
  Bytes arguments;

  void add(const node::Deal& deal, const node::TaskRequest& request);
  /// Forgets the tasks and keeps the memory.
  void clear();
  /// Throws acre::Error unless the columns fit together.
  void check() const;
  /// Is it so much that it should not wait for more?
  bool worth_sending() const noexcept {
    constexpr std::size_t orders_of_a_frame = 64, bytes_of_a_frame = std::size_t{64} * 1024;
    return orders.size() >= orders_of_a_frame || arguments.size() >= bytes_of_a_frame;
  }
};
ACRE_RECORD(TaskBatch, orders, ends, accounts, arguments)

/// Hands out the orders of a checked batch, each once and in turn, as requests to which only the completion
/// is to be added.
class OrderReader {
 public:
  /// The batch must outlive it.
  explicit OrderReader(TaskBatch& batch) : batch_(batch) {}
  node::TaskRequest next(const TaskOrder& order);

 private:
  TaskBatch& batch_;
  std::size_t task_ = 0, account_ = 0;
};

/// Tasks of a chunk in a row that returned on one worker at one attempt. Encoded as it is in memory.
struct ValueRun {
  ChunkId chunk{};
  std::uint32_t first = 0;  ///< place of the first one in the chunk
  std::uint32_t count = 0;
  std::uint32_t attempt = 0, worker = 0;  ///< as in task::Execution
};
ACRE_RECORD(ValueRun, chunk, first, count, attempt, worker)

/// Values of tasks on one agent's node.
struct ValueBatch {
  std::int32_t rank = 0;  ///< of the agent
  std::vector<ValueRun> runs;
  std::vector<task::ValueMark> marks;  ///< of each task; their ends are in the bytes of all
  Bytes bytes;

  /// Adds `count` values from the place `from` on, for tasks from `first` on. Joins what follows a run.
  void add(ChunkId chunk, std::uint32_t first, const task::Values& values, std::uint32_t from,
           std::uint32_t count);
  /// Forgets the values and keeps the memory.
  void clear();
  /// Throws acre::Error unless the columns fit together.
  void check() const;
  /// Tells of a checked batch. `scratch` lends its memory.
  void tell(node::MemberEvents& events, task::Values& scratch) const;
};
ACRE_RECORD(ValueBatch, rank, runs, marks, bytes)

static_assert(wire::is_flat<TaskOrder>() && wire::is_flat<ValueRun>() && wire::is_flat<task::ValueMark>(),
              "columns are copied, not encoded one by one");

}  // namespace acre::cluster

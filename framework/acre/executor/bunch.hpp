// Tasks that were submitted one by one and go to the dealer as one range, which costs less.
#pragma once

#include <acre/base/ids.hpp>
#include <acre/executor/handle.hpp>
#include <acre/node/task_request.hpp>

namespace acre::executor {

class TaskRow;

/// Single tasks in the order of their submits, until they are dealt. One thread at a time; throws when memory
/// runs out.
class Bunch {
 public:
  /// May the task become one of a bunch at all? Its terms are the executor's, and it is small.
  static bool suits(const node::TaskRequest& request);
  /// May it become the next one of this, which is not empty?
  bool fits(const node::TaskRequest& request) const;
  /// So many tasks an empty bunch should have places for: more than the last one had, as they come in bursts.
  std::uint32_t places() const noexcept { return places_; }
  /// Gives an empty bunch an empty row for its states, and the name of the range that it will be.
  void begin(TaskId range, std::shared_ptr<TaskRow> row) noexcept;
  /// Makes it the next one; its state. A bunch begins before it.
  StateHandle add(const node::TaskRequest& request);

  bool empty() const noexcept { return request_.ends.empty(); }
  TaskId range() const noexcept { return range_; }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(request_.ends.size()); }
  std::size_t bytes() const noexcept { return request_.arguments.size(); }
  bool full() const noexcept;
  /// All of them, with the row as their completion. The bunch is empty then.
  node::TaskRequest take();

 private:
  static constexpr std::uint32_t most_tasks = 32;
  TaskId range_{};
  node::TaskRequest request_;
  std::shared_ptr<TaskRow> row_;
  std::uint32_t places_ = most_tasks;
};

}  // namespace acre::executor

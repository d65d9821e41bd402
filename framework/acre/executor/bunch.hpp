// Tasks that were submitted one by one and go to the dealer as one range, which costs less.
#pragma once

#include <vector>

#include <acre/base/ids.hpp>
#include <acre/node/task_request.hpp>

namespace acre::executor {

/// Single tasks in the order of their submits, until they are dealt. One thread at a time; throws when memory
/// runs out.
class Bunch {
 public:
  /// May the task become one of a bunch at all? Its terms are the executor's, and it is small.
  static bool suits(const node::TaskRequest& request);
  /// May it become the next one of this, which is not empty?
  bool fits(const node::TaskRequest& request) const;
  /// Makes it the first one of an empty bunch, whose range will have this name.
  void begin(TaskId range, node::TaskRequest&& request);
  /// Makes it the next one.
  void add(node::TaskRequest&& request);

  bool empty() const noexcept { return request_.ends.empty(); }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(request_.ends.size()); }
  std::size_t bytes() const noexcept { return request_.arguments.size(); }
  bool full() const noexcept;
  TaskId range() const noexcept { return range_; }
  /// All of them; their completions hear of each, at place 0. The bunch is empty then.
  node::TaskRequest take();

 private:
  TaskId range_{};
  node::TaskRequest request_;
  std::vector<std::shared_ptr<node::Completion>> completions_;
};

}  // namespace acre::executor

// Tasks on their way to a dealer, and how their ends are told.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/shared_value.hpp>
#include <acre/task/values.hpp>
#include <acre/wire/record.hpp>

namespace acre::node {

/// Who is told how a task ended.
class Completion {
 public:
  virtual ~Completion() = default;
  /// Called once for each task of the range, by its place in it, inside a call of the dealer; must be quick
  /// and must not call the dealer.
  virtual void complete(std::uint32_t place, task::Outcome&& outcome) noexcept = 0;
  /// The same for `count` tasks in a row that all returned: what they returned is in `values`, at `from`.
  virtual void complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                            std::uint32_t count) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) complete(place + i, values.outcome_of(from + i));
  }
};

/// What a scheduler needs to know of tasks, whatever they do; the same on every level.
struct Terms {
  std::uint32_t max_attempts = 1;
  std::uint32_t chunk = 0;  ///< tasks to deal together at most; 0: as is best
  std::int32_t priority = 0;
  std::int64_t expected_ns = 0;  ///< 0: unknown
  std::int64_t timeout_ns = 0;   ///< 0: none
};
ACRE_RECORD(Terms, max_attempts, chunk, priority, expected_ns, timeout_ns)

/// A range of tasks of one function, with indices that follow one another; often a single one.
struct TaskRequest {
  task::TaskHead head;  ///< of the first task; attempt: the one to begin with, 0 or 1 for new tasks
  Bytes arguments;      ///< of all tasks, one after the other
  std::vector<std::uint64_t> ends;  ///< where the arguments of each one end; empty if it is a single one
  Terms terms;
  std::shared_ptr<Completion> completion;
  task::SharedHandles keeps = {};  ///< what the arguments refer to
  /// How attempts were lost so far, in words, by the place of their task.
  std::map<std::uint32_t, std::string> account = {};

  std::uint32_t count() const { return ends.empty() ? 1 : static_cast<std::uint32_t>(ends.size()); }
  /// The arguments of `number` tasks from `place` on.
  ByteView arguments_of(std::uint32_t place, std::uint32_t number = 1) const {
    if (ends.empty()) return arguments;
    const std::uint64_t begin = place == 0 ? 0 : ends[place - 1];
    return ByteView(arguments).subspan(begin, ends[place + number - 1] - begin);
  }
  task::TaskHead head_of(std::uint32_t place, std::uint32_t attempt) const {
    task::TaskHead one = head;
    one.index += place;
    one.attempt = attempt;
    return one;
  }
};

}  // namespace acre::node

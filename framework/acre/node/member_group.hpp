// What a dealer deals to: the workers of this node, or the agents of other nodes, behind one interface.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/task/frame.hpp>

namespace acre::node {

class MemberGroup;

/// How a member ended, in words, and where.
struct Loss {
  std::string words;
  std::uint32_t worker = 0;
  std::int32_t rank = 0;
};

/// What members report. Called by a group inside dispatch(), recall() or poll() only.
class MemberEvents {
 public:
  virtual ~MemberEvents() = default;
  /// An id for a member that is about to join.
  virtual MemberId enroll(MemberGroup& group) = 0;
  /// The member is ready for tasks; joined again, it has another number of workers.
  virtual void joined(MemberId member, std::uint32_t workers) = 0;
  virtual void lost(MemberId member, const Loss& loss) = 0;
  virtual void started(MemberId member, TaskId task) = 0;
  virtual void ended(MemberId member, TaskId task, task::Outcome&& outcome) = 0;
  /// `used`: attempts that the task has lost so far, there or before.
  virtual void recalled(MemberId member, TaskId task, bool taken_back, std::uint32_t used) = 0;
  /// The group cannot serve any more; words say why.
  virtual void broken(const std::string& words) = 0;
};

/// Whom to ring for while the dealer sleeps.
struct SleepPlan {
  bool low_water = false;         ///< ring at low water, not only when a member has run dry
  bool any_result = false;        ///< ring at the next result
  std::optional<TaskId> awaited;  ///< ring at this very result
};

/// A set of members. One thread at a time; nothing blocks.
class MemberGroup {
 public:
  virtual ~MemberGroup() = default;
  /// Queues an attempt at the member.
  virtual void dispatch(MemberId member, TaskId task, const task::TaskHead& head, ByteView arguments) = 0;
  /// Takes an unstarted task back; answered by MemberEvents::recalled, perhaps before it returns.
  virtual void recall(MemberId member, TaskId task) = 0;
  /// Makes what was queued since the last flush visible and wakes whom it concerns.
  virtual void flush() = 0;
  /// The same after a single submit: may wait for a flush where a batch is worth more than an early start.
  virtual void hint() = 0;
  /// Reports what has happened; true if anything had.
  virtual bool poll(MemberEvents& events) = 0;
  /// Asks members to ring according to the plan; false if something has happened meanwhile.
  virtual bool prepare_sleep(const SleepPlan& plan) = 0;
  /// Adds the descriptors that end the sleep.
  virtual void add_descriptors(std::vector<pollfd>& descriptors) const = 0;
  /// The longest sleep this group can afford.
  virtual Duration longest_sleep() const = 0;
  /// Members are not needed any more: stop them once they are idle.
  virtual void close() = 0;
  /// Whether close() has taken full effect.
  virtual bool closed() const = 0;
};

}  // namespace acre::node

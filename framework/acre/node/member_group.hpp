// What a dealer deals to: the workers of this node, or the agents of other nodes, behind one interface.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/node/task_request.hpp>
#include <acre/schedule/events.hpp>

namespace acre::node {

class MemberGroup;

/// How a member ended, in words, and where.
struct Loss {
  std::string words;  ///< a sentence about what happened to its task's worker
  std::string how;    ///< what became of it, without a subject
  std::uint32_t worker = 0;
  std::int32_t rank = 0;
  bool blameless = false;                 ///< what it ran did not cause it
  std::optional<task::Death> death = {};  ///< of the worker's process, if that died
};

/// Tasks dealt to a member together.
struct Deal {
  ChunkId chunk;
  std::uint32_t first = 0, count = 1;  ///< which tasks of the request
  std::uint32_t attempt = 1;
  TaskId task{};  ///< the request, for the Losses of its tasks
};

/// How a task that was taken back has lost attempts, there or before.
struct Losses {
  std::uint32_t used = 0;  ///< so many
  TaskId task{};           ///< as it was dealt
  std::uint32_t place = 0;
  std::string account = {};  ///< in words; empty: none was lost
};

/// What members report. Called by a group inside poll() only.
class MemberEvents {
 public:
  virtual ~MemberEvents() = default;
  /// An id for a member that is about to join.
  virtual MemberId enroll(MemberGroup& group) = 0;
  /// The member is ready for tasks; joined again, it has another number of workers.
  virtual void joined(MemberId member, std::uint32_t workers, bool agent) = 0;
  virtual void lost(MemberId member, const Loss& loss) = 0;
  /// A worker ended before it could join.
  virtual void unborn(const std::string& words) = 0;
  virtual void started(ChunkId chunk) = 0;
  virtual void ended(ChunkId chunk, std::uint32_t place, task::Outcome&& outcome) = 0;
  /// Tasks of the chunk in a row, from `first` on, that all returned.
  virtual void returned(ChunkId chunk, std::uint32_t first, const task::Values& values) = 0;
  /// So many tasks of the chunk from `first` on were taken back. One that has lost attempts comes alone.
  virtual void taken_back(ChunkId chunk, std::uint32_t first, std::uint32_t count, const Losses& losses) = 0;
  /// What is left of the chunk has started, or stays.
  virtual void kept(ChunkId chunk) = 0;
  /// The group cannot serve any more; words say why.
  virtual void broken(const std::string& words) = 0;
};

/// A task that somebody waits for: its range, and its place there.
struct AwaitedTask {
  TaskId task;
  std::uint32_t place = 0;
};

/// Whom to ring for while the dealer sleeps.
struct SleepPlan {
  bool low_water = false;              ///< ring at low water, not only when a member has run dry
  bool any_result = false;             ///< ring at the next result
  std::optional<AwaitedTask> awaited;  ///< ring at this very result
  /// Where that is; this and the rest the dealer finds out.
  std::optional<schedule::Whereabouts> awaited_at = {};
  bool at_once = false;       ///< not later, though others follow soon, which will be waited for next
  std::uint64_t ahead = 0;    ///< so many of these may come first
  Duration task_time = {};    ///< of tasks that ended of late, on average
  bool idle_workers = false;  ///< a worker has nothing to do, so a core is free
};

/// A set of members. One thread at a time; nothing blocks.
class MemberGroup {
 public:
  virtual ~MemberGroup() = default;
  /// Queues tasks at the member.
  virtual void dispatch(MemberId member, const Deal& deal, const TaskRequest& request) = 0;
  /// Takes up to `count` unstarted tasks of a chunk back, the last ones; answered in poll(). Unwanted ones
  /// may be ended even if they run.
  virtual void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) = 0;
  /// From now on so many workers on each node: more are started; the surplus leaves between two tasks.
  virtual void resize(std::uint32_t workers) = 0;
  /// Ends the member, which is a worker; its loss follows.
  virtual void kill(MemberId member) = 0;
  /// From now on, report without delay when a worker starts a chunk.
  virtual void watch_starts() = 0;
  /// Members that die are not replaced any more.
  virtual void abandon() = 0;
  /// Gives tasks that are dealt from now on a value to refer to, until it is taken from them again.
  virtual void share(const task::SharedHandle& value) = 0;
  virtual void unshare(std::uint64_t id) = 0;
  /// Lets tasks that ask know that they are to return soon, now and from now on.
  virtual void request_stop() = 0;
  /// Whether a task runs that has asked, and whose worker will not be waited for unless it is told to.
  virtual bool heeds_stop() const = 0;
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
  /// Whether every worker that was asked for is ready for tasks.
  virtual bool all_ready() const = 0;
  /// Members are not needed any more: stop them once they are idle.
  virtual void close() = 0;
  /// Whether close() has taken full effect.
  virtual bool closed() const = 0;
};

}  // namespace acre::node

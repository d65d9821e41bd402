// The vocabulary of the scheduler: what may have happened (events) and what is to be done (actions), as plain
// data.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>

namespace acre::schedule {

/// Where a task is at a member.
struct Whereabouts {
  ChunkId chunk;
  std::uint32_t place = 0;  ///< in this chunk
};

/// The lowest and the highest priority.
inline constexpr int lowest_priority = -8, highest_priority = 7;

/// @name Events: what happened
/// A range is `count` tasks submitted together; they are named by their place in it, from 0. Members name a
/// chunk and places in it, also from 0.
/// @{
struct Submitted {
  TaskId task;  ///< the range, often of a single task
  std::uint32_t max_attempts =
      1;  ///< attempts of each task that may be lost to dying workers, or fail and be retried
  std::uint32_t used = 0;     ///< attempts that were lost before, elsewhere
  std::uint32_t strikes = 0;  ///< of these: attempts that killed their worker
  std::uint32_t count = 1;
  std::uint32_t chunk = 0;  ///< tasks to deal together at most; 0: as the policy finds best
  int priority = 0;         ///< higher ones are dealt first
  Duration expected{};      ///< expected run time of each, if known: longest first within a priority
  Duration timeout{};       ///< a worker that runs one longer is killed; zero: never
};
struct MemberJoined {
  MemberId member;
  std::uint32_t workers = 1;  ///< tasks it can run at once; joining again changes the number
  bool agent = false;         ///< deals its tasks itself, minding timeouts: is never to be killed
};
struct MemberLost {
  MemberId member;
  bool blameless = false;  ///< the task it ran did not cause it: that attempt does not count
};
struct MemberUnborn {};  ///< a worker died before it could join
struct Started {  ///< the member has begun with the chunk and runs its tasks one by one, in order; optional
  ChunkId chunk;  ///< for members that are agents
};
struct Finished {
  ChunkId chunk;
  std::uint32_t first = 0, count = 1;  ///< which of its tasks
  Duration run_time{};                 ///< of all of them together
};
struct Failed {  ///< one task failed by itself (threw, cannot be encoded, …): final unless `retry`
  ChunkId chunk;
  std::uint32_t first = 0;
  Duration run_time{};
  bool retry = false;
};
/// Answer to a Recall. Tasks taken back unstarted are told interval by interval, each with `recalled`; then,
/// unless nothing is left, once without it: if fewer came back than were asked for, the rest has started.
/// Only then is more of the chunk recalled.
struct RecallAnswered {
  ChunkId chunk;
  bool recalled;
  std::uint32_t first = 0, count = 1;
  std::uint32_t used = 0;     ///< attempts used up so far, if they were taken back from an agent
  std::uint32_t strikes = 0;  ///< of these: attempts that killed their worker
};
struct CancelRequested {
  TaskId task;
  bool if_unstarted = false;         ///< forget it for what has started: try that again should its worker die
  std::uint32_t count = 0xffffffff;  ///< so many tasks of the range at most, the last ones
  bool kill = false;  ///< also what runs: kill its worker, if it is one; chunks are spared unless all of
                      ///< them is cancelled
};
/// One task of the range, wherever it is: take it back if it has not started, and do not try it again.
struct CancelOneRequested {
  TaskId task;
  std::uint32_t place = 0;
};
struct DrainRequested {  ///< start nothing that is not expected to end by then; what runs may finish
  Instant deadline{};    ///< the past: start nothing more
};
struct Tick {};  ///< time has passed
using Event = std::variant<Submitted, MemberJoined, MemberLost, MemberUnborn, Started, Finished, Failed,
                           RecallAnswered, CancelRequested, DrainRequested, Tick, CancelOneRequested>;
/// @}

/// @name Actions: what to do now
/// @{
struct Dispatch {
  MemberId member;
  ChunkId chunk;
  TaskId task;  ///< the range
  std::uint32_t first = 0, count = 1;
  std::uint32_t attempt = 1;  ///< from 1
};
/// Give back up to `count` tasks of the chunk that have not started, the last ones. The answer is
/// RecallAnswered.
struct Recall {
  MemberId member;
  ChunkId chunk;
  std::uint32_t count = 1;
  bool unwanted = false;  ///< its results are not wanted any more: an agent may end it even if it runs
};
enum class Reason : std::uint8_t { worker_lost, timed_out, quarantined, cancelled, drained };
/// End this worker; MemberLost follows. Of what it runs by then only that counts as an attempt for which it
/// was killed.
struct Kill {
  MemberId member;
  Reason reason;  ///< timed_out, or cancelled: what it runs is not wanted any more
};
struct Deliver {  ///< hand the outcomes that came with this event to whoever waits for these tasks
  TaskId task;
  std::uint32_t first = 0, count = 1;
};
struct GiveUp {  ///< the tasks end without an outcome of their own
  TaskId task;
  Reason reason;
  std::uint32_t attempts = 0;  ///< attempts that were started or dealt and lost
  std::uint32_t first = 0, count = 1;
};
struct Retire {  ///< the member is not needed any more
  MemberId member;
};
struct Break {};  ///< workers die and none gets anywhere: do not replace them any more
using Action = std::variant<Dispatch, Recall, Kill, Deliver, GiveUp, Retire, Break>;
using Actions = std::vector<Action>;
/// @}

}  // namespace acre::schedule

// The vocabulary of the scheduler: what may have happened (events) and what is to be done (actions), as plain
// data.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>

namespace acre::schedule {

/// @name Events: what happened
/// @{
struct Submitted {
  TaskId task;
  std::uint32_t max_attempts = 1;  ///< attempts that may be lost to dying workers before the task is given up
  std::uint32_t used = 0;          ///< attempts that were lost before, elsewhere
};
struct MemberJoined {
  MemberId member;
  std::uint32_t workers = 1;  ///< tasks it can run at once; joining again changes the number
};
struct MemberLost {
  MemberId member;
};
struct Started {  ///< optional for members that are agents; the only source of strikes
  MemberId member;
  TaskId task;
};
struct Finished {
  MemberId member;
  TaskId task;
  Duration run_time;
};
struct Failed {  ///< the task itself failed (threw, cannot be encoded, …): final unless `retry`
  MemberId member;
  TaskId task;
  Duration run_time;
  bool retry = false;
};
struct RecallAnswered {  ///< answer to a Recall: taken back unstarted, or too late
  MemberId member;
  TaskId task;
  bool recalled;
  std::uint32_t used = 0;  ///< attempts used up so far, if it was taken back from an agent
};
struct CancelRequested {
  TaskId task;
  bool if_unstarted = false;  ///< forget it if the task has started: try it again should its worker die
};
struct DrainRequested {};  ///< start nothing more; what runs may finish
struct Tick {};            ///< time has passed
using Event = std::variant<Submitted, MemberJoined, MemberLost, Started, Finished, Failed, RecallAnswered,
                           CancelRequested, DrainRequested, Tick>;
/// @}

/// @name Actions: what to do now
/// @{
struct Dispatch {
  MemberId member;
  TaskId task;
  std::uint32_t attempt;  ///< from 1
};
struct Recall {
  MemberId member;
  TaskId task;
};
struct Deliver {  ///< hand the outcome that came with this event to whoever waits for the task
  TaskId task;
};
enum class Reason : std::uint8_t { worker_lost, cancelled, drained };
struct GiveUp {  ///< the task ends without an outcome of its own
  TaskId task;
  Reason reason;
  std::uint32_t attempts;  ///< attempts that were started or dealt and lost
};
struct Retire {  ///< the member is not needed any more
  MemberId member;
};
using Action = std::variant<Dispatch, Recall, Deliver, GiveUp, Retire>;
using Actions = std::vector<Action>;
/// @}

}  // namespace acre::schedule

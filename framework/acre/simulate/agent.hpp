// The model of an agent, and of the root: a real scheduler, and the translation between it and the level
// above.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/message.hpp>
#include <acre/simulate/oracle.hpp>
#include <acre/simulate/parameters.hpp>
#include <acre/simulate/trace.hpp>
#include <acre/simulate/worker.hpp>

namespace acre::simulate {

/// Steps its scheduler under the eyes of an oracle. What is dealt to it from above becomes a range there, and
/// what becomes of that is told upwards in the words of a member. It knows no time but what it is told. A
/// value; one thread at a time; nothing blocks; throws Broken, and when memory runs out.
class Agent {
 public:
  /// Tasks, by the numbers of the whole simulation, that have ended here.
  struct Ended {
    std::uint32_t first_task = 0, count = 0;
    bool delivered = true;
    schedule::Reason reason{};
  };
  struct Sent {
    MemberId to;
    Order order;
  };

  /// `node` names it in traces; the scheduler checks itself after every `check_every` steps.
  Agent(const schedule::Policy& policy, std::uint32_t node, std::uint32_t check_every)
      : scheduler_(policy), oracle_(policy), node_(node), check_every_(check_every) {}

  /// @name What comes from above
  /// @{
  void submit(Instant now, const Assignment& order, Trace& trace);
  void recall(Instant now, const RecallOrder& order, Trace& trace);
  /// @}

  /// Cancels the range that has this task, or it alone.
  void cancel(Instant now, const Cancel& cancel, Trace& trace);
  /// Anything else that its scheduler is to hear of.
  void step(Instant now, const schedule::Event& event, Trace& trace);

  /// What it has to say to its members and to the level above since the last call; and what has ended.
  std::vector<Sent>& sent() { return sent_; }
  Events& said() { return said_; }
  std::vector<Ended>& ended() { return ended_; }

  /// Has it more or fewer workers than it said last? None at all is not told.
  bool workers_changed() const;
  /// How many it has, if that has changed, or else 0.
  std::uint32_t new_workers();

  const schedule::Scheduler& scheduler() const { return scheduler_; }
  bool broken() const { return broken_; }

 private:
  struct Range {
    TaskId id{};
    Assignment order;
    std::uint32_t left = 0;
    std::uint32_t outstanding = 0;  ///< recalls that members have not answered
  };
  struct Chunk {
    ChunkId id{};
    TaskId range{};
    MemberId member{};
    std::uint32_t left = 0;
    bool recalled = false;
  };

  void note(const schedule::Event& event);
  void tasks_left(ChunkId chunk, std::uint32_t count);
  void answered(Chunk& chunk);
  void lose(MemberId member);
  void answer_recalls();
  void obey(const schedule::Dispatch& action);
  void obey(const schedule::Recall& action);
  void obey(const schedule::Kill& action);
  void obey(const schedule::Deliver& action);
  void obey(const schedule::GiveUp& action);
  void obey(const schedule::Retire& action);
  void obey(const schedule::Break& action);
  void tell_outcome(const Range& range, const schedule::Deliver& action);
  void end(Range& range, std::uint32_t first, std::uint32_t count, bool delivered, schedule::Reason reason);
  Range* find(TaskId id);
  Chunk* find(ChunkId id);

  schedule::Scheduler scheduler_;
  Oracle oracle_;
  std::uint32_t node_, check_every_, steps_ = 0;
  std::vector<Range> ranges_;  ///< by slot
  std::vector<std::uint32_t> free_ranges_;
  std::vector<Chunk> chunks_;             ///< by slot
  std::vector<std::uint32_t> to_answer_;  ///< ranges with recalls from above
  schedule::Actions actions_;
  std::vector<Sent> sent_;
  Events said_;
  std::vector<Ended> ended_;
  schedule::Event now_happening_ = schedule::Tick{};
  std::uint32_t told_workers_ = 0;
  bool broken_ = false;
};

}  // namespace acre::simulate

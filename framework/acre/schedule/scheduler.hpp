// The pure scheduler: events in, actions out. It knows no clock, process, thread or environment, so tests
// drive it with literals; the same class serves the root (which deals to agents) and an agent (which deals to
// workers).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/chunk_table.hpp>
#include <acre/schedule/events.hpp>
#include <acre/schedule/links.hpp>
#include <acre/schedule/load_index.hpp>
#include <acre/schedule/policy.hpp>
#include <acre/schedule/ready_queue.hpp>
#include <acre/schedule/task_table.hpp>
#include <acre/schedule/timer_wheel.hpp>

namespace acre::schedule {

/// How many tasks are where; the sum of the first five is what was submitted and has not ended.
struct Counts {
  std::uint64_t ready = 0;      ///< wait here
  std::uint64_t delayed = 0;    ///< wait here for their backoff to pass
  std::uint64_t held = 0;       ///< dealt to a member that is not known to have started them
  std::uint64_t recalling = 0;  ///< asked back from a member
  std::uint64_t running = 0;
  std::uint64_t ended = 0, submitted = 0;
};

/// Decides which member gets which tasks when, what is taken back, tried again, repeated, killed or given up.
///
/// A submission is a range of one or more tasks that have everything but their place in common; it is stored
/// as such, and dealt in chunks. Each task is in one of the states of Counts, or has ended. A member's load
/// is what it has of tasks, without those that are being recalled.
/// Events that name an unknown, stale or ended task, chunk or member change nothing: late results of a lost
/// member are dropped that way. Submitting a task whose slot is in use, a range without tasks, or a member
/// without workers, is a bug and aborts.
///
/// A value: copies are independent. Not thread-safe; never blocks; throws only when memory runs out. An event
/// takes constant time per chunk it moves (draining also per member); memory grows with the largest task slot
/// (72 bytes each), the most chunks at members at one time (96 bytes each) and the largest member number, and
/// is not allocated per task once that many were there.
class Scheduler {
 public:
  /// Aborts unless 0 ≤ low_water ≤ 1 and prefetch_min ≤ prefetch_max.
  explicit Scheduler(Policy policy = {});

  /// Takes in what happened at `now` and appends to `out`, in order, what is to be done about it. `now` never
  /// goes back.
  void step(Instant now, const Event& event, Actions& out);

  /// When to step with a Tick if nothing else happens: when something is due, or before. Timeouts and
  /// backoffs are due up to 2^20 ns after their time, never earlier.
  Instant next_deadline() const;

  Counts counts() const;

  /// Has everything ended that was submitted?
  bool idle() const { return in_flight() == 0; }

  /// Has the drain's deadline passed, so that nothing more is started?
  bool drained() const { return closed_; }

  /// Workers of all members together.
  std::uint32_t total_workers() const { return static_cast<std::uint32_t>(total_workers_); }

  /// Running average of the times of about the last 32 finished tasks; zero before the first one.
  Duration mean_task_time() const { return mean_task_time_.mean; }

  /// A task that runs.
  struct Running {
    TaskId task;
    std::uint32_t place;  ///< in its range
  };
  /// What the member is known to have begun last and not to have ended; nothing if that is no longer wanted.
  std::optional<Running> running(MemberId member) const;

  /// The chunk at a member that has this task of the range; nothing if it was not dealt, or has ended.
  std::optional<Whereabouts> whereabouts(TaskId task, std::uint32_t place) const;

  /// The place in its range of the first task of a chunk; nothing if the chunk is unknown.
  std::optional<std::uint32_t> first_place(ChunkId chunk) const;

  /// Is this task of the range known to have begun and not to have ended? What an agent has counts as begun.
  bool begun(TaskId task, std::uint32_t place) const;

  /// Bytes of memory held, capacity included.
  std::size_t memory_bytes() const;

  /// Aborts unless all invariants hold; linear in task slots, chunks and members. For tests.
  void check() const;

 private:
  /// A running average of the times of about the last 32 tasks.
  struct MeanTime {
    Duration mean{};
    std::uint32_t seen = 0;
    void add(Duration total, std::uint32_t count);
  };

  struct Member {
    List open;                  ///< chunks that could be recalled, at least in part, as dealt
    List shut;                  ///< other chunks
    std::uint32_t workers = 0;  ///< 0: not a member
    std::uint32_t tasks = 0;    ///< in its chunks
    std::uint32_t asked = 0;    ///< of these: being recalled
    std::uint32_t idle = 0;     ///< workers without a task
    std::uint32_t speed = normal_speed;
    std::uint32_t current = nothing;  ///< the chunk that it started last, while it has it
    MeanTime time;
    bool agent = false;
    bool retired = false;
    bool doomed = false;  ///< to be killed: gets nothing more

    std::uint32_t load() const { return tasks - asked; }
    std::uint64_t weight() const { return std::uint64_t{workers} * speed; }
    bool takes_tasks() const { return workers != 0 && !doomed; }
  };

  /// What a chunk adds to the counts and to its member's load.
  struct Standing {
    std::uint32_t ready = 0, delayed = 0, held = 0, recalling = 0, running = 0;
    std::uint32_t tasks = 0, asked = 0;
  };

  // scheduler.cpp: what happened
  void on(const Submitted& event, Actions& out);
  void on(const MemberJoined& event, Actions& out);
  void on(const MemberLost& event, Actions& out);
  void on(const MemberUnborn& event, Actions& out);
  void on(const Started& event, Actions& out);
  void on(const Finished& event, Actions& out);
  void on(const Failed& event, Actions& out);
  void on(const RecallAnswered& event, Actions& out);
  void on(const CancelRequested& event, Actions& out);
  void on(const CancelOneRequested& event, Actions& out);
  void on(const DrainRequested& event, Actions& out);
  void on(const Tick& event, Actions& out);
  void break_off(Actions& out);
  void lose(std::uint32_t chunk, bool blameless, Actions& out);
  void end_recall(std::uint32_t chunk, Actions& out);
  void take_back(std::uint32_t chunk, const RecallAnswered& event, Actions& out);
  void cancel_chunk(std::uint32_t chunk, const CancelRequested& event, std::uint32_t& budget, Actions& out);
  void end_running(std::uint32_t chunk, Actions& out);
  void fire(std::uint32_t timer, Actions& out);

  // cancel_one.cpp: single tasks of a range
  void cancel_fresh(std::uint32_t task, std::uint32_t place, Actions& out);
  void cut_out(std::uint32_t chunk, std::uint32_t first, Duration delay, Actions& out);
  void call_one_back(std::uint32_t chunk, Actions& out);
  std::uint32_t first_unwanted(const Chunk& chunk, std::uint32_t from = 0) const;
  bool restart_wanted(std::uint32_t chunk, Duration delay, Actions& out);

  // dealing.cpp: who gets what
  void settle(Actions& out);
  void refill(Actions& out);
  std::uint32_t refill_size(const Member& member, const ReadyQueue::Front& front) const;
  bool is_full(const Member& member) const;
  std::uint32_t chunk_size(const Member& member, const Task& task) const;
  std::uint32_t prefetch_of(const Member& member, const ReadyQueue::Front& front) const;
  std::uint64_t trusted(std::uint64_t wanted) const;
  Duration time_of(const Member& member) const;
  std::uint64_t share_of(const Member& member) const;
  const Task& task_of(const ReadyQueue::Front& front) const;
  std::uint32_t count_of(const ReadyQueue::Front& front) const;
  std::uint32_t deal(const ReadyQueue::Front& front, std::uint32_t member, std::uint32_t size, Actions& out);
  bool too_long(const Task& task) const;
  void make_way(const Task& task, Actions& out);
  void level(Actions& out);
  std::uint32_t recall_size(const Member& donor, const Member& receiver) const;
  std::uint32_t recall_some(Member& donor, std::uint32_t size, Actions& out);
  void speculate(Actions& out);
  Instant speculation_due() const;
  void approach_drain(Actions& out);
  void give_up_front(Actions& out);
  void close(Actions& out);
  void retire(Actions& out);
  void learn(std::uint32_t member, Duration run_time, std::uint32_t count);

  // lifecycle.cpp: the states of chunks
  std::uint32_t split_off(std::uint32_t task, std::uint32_t count);
  std::uint32_t carve(std::uint32_t chunk, std::uint32_t first, std::uint32_t count);
  void dispatch(std::uint32_t chunk, std::uint32_t member, Actions& out);
  void begin(std::uint32_t chunk, Actions& out);
  void recall(std::uint32_t chunk, std::uint32_t count, Actions& out);
  void call_back(std::uint32_t chunk, Actions& out);
  void try_again(std::uint32_t chunk, Reason reason, Actions& out);
  void deal_again(std::uint32_t chunk, Actions& out);
  void restart(std::uint32_t chunk, Duration delay, Actions& out);
  bool deliver(std::uint32_t chunk, std::uint32_t first, std::uint32_t count, Actions& out);
  void announce(std::uint32_t chunk, std::uint32_t first, std::uint32_t count, Actions& out);
  void give_up(std::uint32_t chunk, Reason reason, Actions& out);
  void give_up_fresh(std::uint32_t task, std::uint32_t count, Reason reason, Actions& out);
  void mark(std::uint32_t chunk, std::uint32_t first, std::uint32_t count);
  void drop_copy(std::uint32_t copy);
  void finish_copy(std::uint32_t copy, Actions& out);
  void promote_copy(std::uint32_t original, std::uint32_t used, bool struck, Actions& out);
  void discard(std::uint32_t chunk, Actions& out);
  void kill(std::uint32_t member, Reason reason, Actions& out);
  void release(std::uint32_t chunk);
  void end_tasks(std::uint32_t task, std::uint32_t count);
  template <class Change>
  void change(std::uint32_t chunk, Change change);
  static Standing standing(const Chunk& chunk);
  void apply(const Chunk& chunk, bool add);
  List& list_of(ChunkList list, std::uint32_t member);
  void relist(std::uint32_t chunk, std::uint32_t former_member);
  void update_age(std::uint32_t chunk);
  void touch(std::uint32_t chunk);
  void reindex(std::uint32_t member);

  bool is_member(MemberId id) const;
  std::uint32_t find(TaskId id) const;
  std::uint32_t find(ChunkId id) const;
  std::uint32_t chunk_with(TaskId id, std::uint32_t place) const;
  std::uint64_t in_flight() const;

  // check.cpp
  void check_tasks() const;
  void check_chunks() const;
  void check_members() const;
  void check_progress() const;

  static constexpr std::uint32_t normal_speed = LoadIndex::normal_speed;

  Policy policy_;
  Instant now_;
  TaskTable tasks_;  ///< by slot
  ChunkTable chunks_;
  ReadyQueue ready_;
  std::vector<Member> members_;  ///< by member number
  LoadIndex loads_;
  TimerWheel timers_;  ///< of members (twice their number) and of delayed chunks (twice theirs, and one)
  List delayed_;       ///< chunks that wait for their backoff to pass
  List age_;           ///< started chunks without a copy, oldest first; if speculating
  Counts counts_;
  std::uint64_t total_workers_ = 0, total_weight_ = 0, idle_workers_ = 0;
  std::uint32_t unretired_ = 0;  ///< members not told to retire
  std::uint32_t unborn_ = 0, unborn_alone_ = 0, fruitless_ = 0;
  MeanTime mean_task_time_;
  /// A task that was cancelled alone, while its range is there.
  struct Unwanted {
    TaskId task;
    std::uint32_t place;
  };
  std::vector<Unwanted> unwanted_;
  Instant drain_at_ = Instant::never();
  bool hastened_ = false;  ///< has everything been recalled that would not end by the drain's deadline?
  bool closed_ = false, broke_ = false;
};

inline Scheduler::Standing Scheduler::standing(const Chunk& chunk) {
  switch (chunk.phase) {
    case Phase::ready:
      return {.ready = chunk.undone};
    case Phase::delayed:
      return {.delayed = chunk.undone};
    case Phase::dealt:
      break;
    default:
      return {};
  }
  if (chunk.unwanted) return {.tasks = 1};
  if (chunk.copy) return {.tasks = chunk.undone};
  Standing standing{.tasks = chunk.undone};
  standing.running = chunk.started ? std::min(chunk.undone, chunk.solid ? chunk.undone : 1) : 0;
  standing.recalling = standing.asked = std::min(chunk.asked, chunk.undone - standing.running);
  standing.held = chunk.undone - standing.running - standing.asked;
  return standing;
}

/// Every change of a chunk goes through here, so that lists, counts and loads cannot disagree.
template <class Change>
void Scheduler::change(std::uint32_t slot, Change change) {
  Chunk& chunk = chunks_[slot];
  const std::uint32_t before = chunk.member;
  if (chunk.phase != Phase::detached) apply(chunk, false);
  change(chunk);
  if (chunk.phase != Phase::detached) apply(chunk, true);
  relist(slot, before);
  if (before != nothing) {
    if (before != chunk.member && members_[before].current == slot) members_[before].current = nothing;
    reindex(before);
  }
  if (chunk.member != before && chunk.member != nothing) reindex(chunk.member);
  update_age(slot);
}

}  // namespace acre::schedule

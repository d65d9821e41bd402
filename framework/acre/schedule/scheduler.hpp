// The pure scheduler: events in, actions out. It knows no clock, process, thread or environment, so tests
// drive it with literals; the same class serves the root (which deals to agents) and an agent (which deals to
// workers).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/events.hpp>
#include <acre/schedule/links.hpp>
#include <acre/schedule/load_index.hpp>

namespace acre::schedule {

/// What a level does differently from another one: data, not code.
struct Policy {
  Duration prefetch_target = std::chrono::milliseconds(20);  ///< work a worker holds ahead of need
  double low_water = 0.5;            ///< refill once held work falls below this part of the target
  std::uint32_t prefetch_min = 1;    ///< tasks held beyond the running one, per worker, whatever they take
  std::uint32_t prefetch_max = 512;  ///< the same, at most (bounds the memory of queues)
};

/// How many tasks are where; the sum of the first four is what was submitted and has not ended.
struct Counts {
  std::uint64_t ready = 0, held = 0, recalling = 0, running = 0, ended = 0, submitted = 0;
};

/// Decides which member gets which task when, what is taken back, tried again or given up.
///
/// A task is *ready* (waits here), *held* (dealt to a member that is not known to have started it),
/// *recalling* (asked back from a member), *running*, or *ended*. A member's load is what it holds and runs.
/// Events that name an unknown, stale or ended task, or a task that is not at the member they come from,
/// change nothing: late results of a lost member are dropped that way. Submitting a task whose slot is in
/// use, or a member without workers, is a bug.
///
/// A value: copies are independent. Not thread-safe; never blocks; throws only when memory runs out. Each
/// event takes constant time per task it moves (draining also per member); memory grows with the largest task
/// slot (32 bytes each) and the largest member number, and is not allocated per task once that many were
/// there.
class Scheduler {
 public:
  /// Aborts unless 0 ≤ low_water ≤ 1 and prefetch_min ≤ prefetch_max.
  explicit Scheduler(Policy policy = {});

  /// Takes in what happened at `now` and appends to `out`, in order, what is to be done about it.
  void step(Instant now, const Event& event, Actions& out);

  Counts counts() const;

  /// Has everything ended that was submitted?
  bool idle() const { return in_flight() == 0; }

  /// Has a drain been requested?
  bool draining() const { return draining_; }

  /// Workers of all members together.
  std::uint32_t total_workers() const { return static_cast<std::uint32_t>(total_workers_); }

  /// Moving average of the run times of finished tasks, the latest weighing an eighth; zero before the first
  /// one.
  Duration mean_task_time() const { return mean_task_time_; }

  /// Aborts unless all invariants hold; linear in task slots and members. For tests.
  void check() const;

 private:
  enum class State : std::uint8_t { ended, ready, held, recalling, running };
  enum class End : std::uint8_t { front, back };

  struct Task {
    TaskId id{};
    Links links;
    std::uint32_t member = nothing;  ///< where it is held, recalling or running
    std::uint32_t used = 0;          ///< attempts lost or failed so far
    std::uint32_t max_attempts = 1;
    State state = State::ended;
    bool cancelled = false;     ///< end it instead of starting it again
    bool if_unstarted = false;  ///< not cancelled any more once it runs
  };
  static_assert(sizeof(Task) == 32);

  struct Member {
    List held, recalling, running;
    std::uint32_t workers = 0;  ///< 0: not a member
    std::uint32_t idle = 0;     ///< workers without a task
    bool retired = false;

    std::uint32_t load() const { return held.size + running.size; }
  };

  void on(const Submitted& event, Actions& out);
  void on(const MemberJoined& event, Actions& out);
  void on(const MemberLost& event, Actions& out);
  void on(const Started& event, Actions& out);
  void on(const Finished& event, Actions& out);
  void on(const Failed& event, Actions& out);
  void on(const RecallAnswered& event, Actions& out);
  void on(const CancelRequested& event, Actions& out);
  void on(const DrainRequested& event, Actions& out);
  void on(const Tick& event, Actions& out);

  void refill(Actions& out);
  std::uint32_t refill_size(const Member& member) const;
  void level(Actions& out);
  std::uint32_t recall_size(const Member& donor, const Member& receiver) const;
  void retire(Actions& out);

  void dispatch(std::uint32_t slot, std::uint32_t member, Actions& out);
  void run(std::uint32_t slot);
  void recall(std::uint32_t slot, Actions& out);
  void try_again(std::uint32_t slot, Actions& out);
  void restart(std::uint32_t slot, Actions& out);
  void deliver(std::uint32_t slot, Actions& out);
  void give_up(std::uint32_t slot, Reason reason, Actions& out);
  void learn_task_time(Duration run_time);

  bool is_member(MemberId id) const;
  std::uint32_t find(TaskId id) const;
  std::uint32_t find_at(MemberId member, TaskId id) const;
  List& list_of(const Task& task);
  void move(std::uint32_t slot, State state, std::uint32_t member, End end);
  void reindex(std::uint32_t member);
  std::uint64_t in_flight() const;
  std::uint64_t& population(State state) { return population_[static_cast<std::size_t>(state)]; }
  std::uint64_t population(State state) const { return population_[static_cast<std::size_t>(state)]; }

  void check_task_lists() const;
  void check_members() const;
  void check_progress() const;

  Policy policy_;
  std::vector<Task> tasks_;  ///< by slot
  List ready_;
  std::array<std::uint64_t, 5> population_{};  ///< tasks by state, ever submitted
  std::vector<Member> members_;                ///< by member number
  LoadIndex loads_;
  std::uint64_t total_workers_ = 0;
  std::uint64_t idle_workers_ = 0;
  std::uint32_t unretired_ = 0;  ///< members not told to retire
  Duration mean_task_time_{};
  std::uint32_t prefetch_;  ///< tasks a worker holds beyond the running one, by the mean task time
  bool draining_ = false;
};

}  // namespace acre::schedule

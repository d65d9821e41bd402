// What a scheduler may and must do, by a reckoning of its own: it sees the same events, and holds the
// scheduler's actions against them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/trace.hpp>

namespace acre::simulate {

/// Knows every task of one scheduler by itself: where it is, how often it was tried, what is due to it.
///
/// For each step: before(), learn(), on() for each action in order, then after(). All of them throw Broken if
/// the scheduler broke an invariant. Nothing of the scheduler's own bookkeeping is believed but the mean task
/// time. A value; one thread at a time; nothing blocks; throws also when memory runs out.
class Oracle {
 public:
  explicit Oracle(const schedule::Policy& policy) : policy_(policy) {}

  /// What happens now, before the scheduler hears of it.
  void before(Instant now, const schedule::Event& event);
  /// What it does about it, of which it knows the mean task time by now.
  void learn(Duration mean) { mean_ = mean; }
  void on(const schedule::Action& action);
  /// What must be true once it has done all of it.
  void after(const schedule::Scheduler& scheduler);

  std::uint64_t ended() const { return ended_; }
  std::uint64_t live() const { return waiting_ + dealt_; }

 private:
  static constexpr std::uint32_t none = 0xffffffff;
  enum class Where : std::uint8_t { waiting, dealt, ended };
  /// What this step must make of a task.
  enum class Due : std::uint8_t { nothing, delivered, restarted, either, ended };

  struct Task {
    std::uint32_t range = none;
    std::array<std::uint32_t, 2> at{none, none};  ///< the chunks whose members have it, or think so
    std::uint32_t used = 0, used_most = 0;        ///< attempts so far; with copies not exactly known
    std::uint32_t strikes = 0, strikes_most = 0;
    Instant not_before{}, ready_by{};  ///< when its backoff has passed, at the earliest and at the latest
    Where where = Where::waiting;
    Due due = Due::nothing;
    bool delayed = false, struck = false, timed_out = false;
    bool cancelled = false, kill = false, must_cancel = false;
  };
  struct Range {
    schedule::Submitted what;
    std::uint32_t base = 0, left = 0;
    std::uint32_t ready = 0;  ///< tasks that wait for nothing
  };
  struct Chunk {
    ChunkId id{};
    std::uint32_t member = none, base = 0, count = 0;
    std::uint32_t here = 0;   ///< tasks that the member has not told to have ended or given back
    std::uint32_t asked = 0;  ///< of these: being recalled
    std::uint32_t next = 0;   ///< no task before this place is there
    bool live = false, started = false, refused = false, unwanted = false;
    bool asking = false;  ///< a recall has not been answered in full
    Instant since{};
  };
  struct Member {
    std::uint32_t workers = 0;
    std::uint32_t current = none;  ///< the chunk whose tasks it is known to run
    std::vector<std::uint32_t> chunks;
    bool agent = false, doomed = false, retired = false;
    std::uint32_t killed_for = none;  ///< the task that ran too long there
  };

  // oracle_events.cpp
  void see(const schedule::Submitted& event);
  void see(const schedule::MemberJoined& event);
  void see(const schedule::MemberLost& event);
  void see(const schedule::MemberUnborn& event);
  void see(const schedule::Started& event);
  void see(const schedule::Finished& event);
  void see(const schedule::Failed& event);
  void see(const schedule::RecallAnswered& event);
  void see(const schedule::CancelRequested& event);
  void see(const schedule::CancelOneRequested& event);
  void see(const schedule::DrainRequested& event);
  void see(const schedule::Tick&) {}
  void lose(std::uint32_t chunk, bool blameless);
  void strike(std::uint32_t task, bool exactly);
  void wait_again(std::uint32_t task, Duration least, Duration most);
  void outcome(std::uint32_t chunk, std::uint32_t task);
  void retry(std::uint32_t task);
  void leave(std::uint32_t chunk, std::uint32_t task);
  void release(std::uint32_t chunk);
  void begin(std::uint32_t chunk);
  void end_recall(std::uint32_t chunk);
  void expect_break(bool due);
  void touch(std::uint32_t task, Due due);
  std::uint32_t running(Chunk& chunk) const;

  // oracle_actions.cpp
  void obey(const schedule::Dispatch& action);
  void obey(const schedule::Recall& action);
  void obey(const schedule::Kill& action);
  void obey(const schedule::Deliver& action);
  void obey(const schedule::GiveUp& action);
  void obey(const schedule::Retire& action);
  void obey(const schedule::Break& action);
  void check_dealt(const schedule::Dispatch& action, std::uint32_t task) const;
  void check_given_up(const schedule::GiveUp& action, const Task& task) const;
  void check_room(const Member& member) const;
  void check_order(const Task& task) const;
  void check_copied(const schedule::Dispatch& action, const Task& task) const;
  bool may_kill_for_time(const Member& member) const;
  bool overdue(const Chunk& chunk) const;
  bool is_abandoned(const Task& task) const;
  bool may_kill_unwanted(const Member& member) const;
  void end(std::uint32_t task);
  void forget(std::uint32_t chunk);
  void put(std::uint32_t task, std::uint32_t chunk, std::uint32_t attempt);

  // oracle.cpp
  void enqueue(Task& task);
  void unqueue(Task& task);
  void wake_delayed();
  void check_touched();
  void check_loser(const Task& task) const;
  void end_waiting();
  void check_counts(const schedule::Scheduler& scheduler) const;
  void check_members(const schedule::Scheduler& scheduler) const;
  void check_member(const Member& member) const;
  void check_deadline(const schedule::Scheduler& scheduler) const;
  void check_chunk(const Chunk& chunk) const;

  std::uint32_t find(TaskId id) const;
  std::uint32_t find(ChunkId id) const;
  bool has(std::uint32_t task, std::uint32_t chunk) const {
    return tasks_[task].at[0] == chunk || tasks_[task].at[1] == chunk;
  }
  Member& member_of(const Chunk& chunk) { return members_[chunk.member]; }
  const schedule::Submitted& what(const Task& task) const { return ranges_[task.range].what; }
  std::size_t level_of(const Task& task) const;
  bool closed() const { return now_ >= drain_at_; }
  bool draining() const { return drain_at_ != Instant::never(); }

  schedule::Policy policy_;
  Instant now_;
  std::vector<Range> ranges_;  ///< by slot
  std::vector<Task> tasks_;    ///< those of a range in a row
  std::vector<Chunk> chunks_;  ///< by slot
  std::vector<Member> members_;
  std::vector<std::uint32_t> touched_;     ///< tasks to which something is due in this step
  std::vector<std::uint32_t> losers_;      ///< tasks that ended in this step while a copy runs
  std::vector<std::uint32_t> delayed_;     ///< tasks that wait for their backoff
  std::array<std::uint64_t, 16> ready_{};  ///< tasks that wait for nothing, by priority
  std::uint64_t submitted_ = 0, waiting_ = 0, dealt_ = 0, ended_ = 0;
  std::uint32_t unborn_ = 0, unborn_alone_ = 0, fruitless_ = 0;
  bool must_break_ = false, broke_ = false, any_cancelled_ = false;
  Duration mean_{};  ///< of task times, as the scheduler measures it
  Instant drain_at_ = Instant::never();
};

/// Throws Broken unless `holds`; `what` is said as it is.
inline void require(bool holds, const char* what) {
  if (!holds) throw Broken(what);
}

/// How late a timer may fire: the scheduler's timers tick every 2^20 ns.
inline constexpr Duration timer_slack{std::int64_t{1} << 21};

}  // namespace acre::simulate

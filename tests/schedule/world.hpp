// A small world around one scheduler: members that truly hold, begin and finish tasks, get lost and answer
// recalls. It knows for every event which tasks must end by it and how, and holds the scheduler to that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

/// How much of what may happen.
struct Limits {
  std::uint32_t tasks = 3, slots = 3;  ///< submitted in all; at the same time
  std::uint32_t max_attempts = 2;
  std::uint32_t members = 2;
  std::uint32_t max_workers = 1;
  std::uint32_t joins = 0, losses = 1, failures = 0, cancels = 0, drains = 0;
};

class World {
 public:
  enum class Kind {
    submit,
    join,
    lose,
    start,
    start_unseen,
    finish,
    fail,
    retry,
    answer,
    late,
    cancel,
    drain
  };
  static constexpr std::size_t kinds = 12;
  struct Move {
    Kind kind;
    std::uint32_t which = 0;    ///< member, task or place in a list, as the kind has it
    std::uint32_t workers = 1;  ///< for join
  };

  World(Policy policy, Limits limits);

  /// Everything that can happen next.
  std::vector<Move> moves() const;

  /// Lets it happen, tells the scheduler and does what that says.
  void make(const Move& move);

  /// The first thing the scheduler did wrong, or nothing.
  const std::string& error() const { return error_; }

  /// Has every task ended that was to be submitted?
  bool finished() const;

  /// How many tasks ended, by their results or without.
  std::uint32_t delivered() const { return delivered_; }
  std::uint32_t given_up() const { return given_up_; }

 private:
  enum class Where { waiting, queued, running, ended };
  enum class Due { not_yet, result, worker_lost, cancelled, drained };
  struct Task {
    TaskId id;
    std::uint32_t max_attempts = 1, used = 0, member = 0;
    std::uint32_t deals = 0;  ///< how often it was dealt
    Where where = Where::waiting;
    Due due = Due::not_yet;
    bool seen = false;       ///< the scheduler has reason to think that it runs
    bool recalled = false;   ///< a recall is under way
    bool cancelled = false;  ///< and not known to run by then
  };
  struct Member {
    bool here = false, retired = false;
    std::uint32_t workers = 0;
    std::vector<std::uint32_t> queue;  ///< tasks not begun
  };
  struct Question {
    std::uint32_t member;
    std::uint32_t task;
    std::uint32_t deal;
  };

  Event happen(const Move& move);
  Event submit();
  Event join(const Move& move);
  Event lose(std::uint32_t member);
  Event end(std::uint32_t task, const Move& move);
  Event answer(std::uint32_t question);
  Event cancel(std::uint32_t task);
  Event drain();
  void member_moves(std::vector<Move>& moves) const;
  void task_moves(std::vector<Move>& moves) const;

  void restart(Task& task);
  void obey(const Dispatch& action);
  void obey(const Recall& action);
  void obey(const Deliver& action);
  void obey(const GiveUp& action);
  void obey(const Retire& action);
  void check_all();
  void expect(bool holds, const char* what);
  bool is_first_question(std::uint32_t place) const;
  std::uint32_t index_of_task(TaskId id) const;
  std::uint32_t tasks_at(std::uint32_t member, bool running_only) const;

  Policy policy_;
  Limits limits_;
  Scheduler scheduler_;
  std::vector<Task> tasks_;             ///< by order of submission
  std::vector<std::uint32_t> in_slot_;  ///< the latest task of each slot
  std::vector<Member> members_;
  std::vector<Question> questions_;  ///< recalls not answered
  std::vector<Finished> late_;       ///< results of lost members
  bool draining_ = false;
  std::uint32_t delivered_ = 0, given_up_ = 0;
  std::string error_;
};

}  // namespace acre::schedule

#include "world.hpp"

#include <algorithm>

namespace acre::schedule {

namespace {

constexpr std::uint32_t no_task = 0xffffffff;
constexpr Duration run_time = std::chrono::milliseconds(1);

MemberId member_id(std::uint32_t member) { return static_cast<MemberId>(member); }

}  // namespace

World::World(Policy policy, Limits limits)
    : policy_(policy),
      limits_(limits),
      scheduler_(policy),
      in_slot_(limits.slots, no_task),
      members_(limits.members) {
  limits_.joins += limits.members;
  for (std::uint32_t member = 0; member < limits.members; ++member) {
    make({Kind::join, member, 1 + member % limits.max_workers});
  }
}

std::vector<World::Move> World::moves() const {
  std::vector<Move> moves;
  const auto free = [&](std::uint32_t task) { return task == no_task || tasks_[task].where == Where::ended; };
  if (tasks_.size() < limits_.tasks && std::ranges::any_of(in_slot_, free)) moves.push_back({Kind::submit});
  if (limits_.drains > 0) moves.push_back({Kind::drain});
  for (std::uint32_t i = 0; i < questions_.size(); ++i) {
    if (is_first_question(i)) moves.push_back({Kind::answer, i});
  }
  for (std::uint32_t i = 0; i < late_.size(); ++i) moves.push_back({Kind::late, i});
  member_moves(moves);
  task_moves(moves);
  return moves;
}

void World::member_moves(std::vector<Move>& moves) const {
  for (std::uint32_t index = 0; index < members_.size(); ++index) {
    const Member& member = members_[index];
    for (std::uint32_t workers = 1; limits_.joins > 0 && workers <= limits_.max_workers; ++workers) {
      if (!member.here || member.workers != workers) moves.push_back({Kind::join, index, workers});
    }
    if (!member.here) continue;
    if (limits_.losses > 0) moves.push_back({Kind::lose, index});
    if (member.queue.empty() || tasks_at(index, true) >= member.workers) continue;
    moves.push_back({Kind::start, index});
    moves.push_back({Kind::start_unseen, index});
  }
}

void World::task_moves(std::vector<Move>& moves) const {
  for (const std::uint32_t index : in_slot_) {
    if (index == no_task || tasks_[index].where == Where::ended) continue;
    if (limits_.cancels > 0) moves.push_back({Kind::cancel, index});
    if (tasks_[index].where != Where::running) continue;
    moves.push_back({Kind::finish, index});
    if (limits_.failures == 0) continue;
    moves.push_back({Kind::fail, index});
    moves.push_back({Kind::retry, index});
  }
}

void World::make(const Move& move) {
  const Event event = happen(move);
  Actions actions;
  scheduler_.step(Instant{}, event, actions);
  scheduler_.check();
  for (const Action& action : actions) std::visit([&](const auto& what) { obey(what); }, action);
  check_all();
}

Event World::happen(const Move& move) {
  switch (move.kind) {
    case Kind::submit:
      return submit();
    case Kind::join:
      return join(move);
    case Kind::lose:
      return lose(move.which);
    case Kind::answer:
      return answer(move.which);
    case Kind::cancel:
      return cancel(move.which);
    case Kind::drain:
      return drain();
    case Kind::late: {
      const Finished result = late_[move.which];
      late_.erase(late_.begin() + move.which);
      return result;
    }
    case Kind::start:
    case Kind::start_unseen: {
      Member& member = members_[move.which];
      Task& task = tasks_[member.queue.front()];
      member.queue.erase(member.queue.begin());
      task.where = Where::running;
      if (move.kind == Kind::start_unseen) return Tick{};
      task.seen = true;
      return Started{member_id(move.which), task.id};
    }
    default:
      return end(move.which, move);
  }
}

Event World::submit() {
  const auto free = [&](std::uint32_t task) { return task == no_task || tasks_[task].where == Where::ended; };
  const auto slot = std::ranges::find_if(in_slot_, free);
  const auto index = static_cast<std::uint32_t>(tasks_.size());
  *slot = index;
  Task task{.id = make_task_id(static_cast<std::uint32_t>(slot - in_slot_.begin()), index)};
  task.max_attempts = 1 + index % limits_.max_attempts;
  if (draining_) task.due = Due::drained;
  tasks_.push_back(task);
  return Submitted{task.id, task.max_attempts};
}

Event World::join(const Move& move) {
  --limits_.joins;
  Member& member = members_[move.which];
  // A new life under an old name: its link is a new one, on which nothing old can come.
  if (!member.here)
    std::erase_if(late_, [&](const Finished& late) { return late.member == member_id(move.which); });
  member.here = true;
  member.workers = move.workers;
  return MemberJoined{member_id(move.which), move.workers};
}

Event World::lose(std::uint32_t index) {
  --limits_.losses;
  for (const std::uint32_t held : in_slot_) {
    if (held == no_task) continue;
    Task& task = tasks_[held];
    if (task.member != index || (task.where != Where::queued && task.where != Where::running)) continue;
    if (task.where == Where::running) late_.push_back({member_id(index), task.id, run_time});
    if (task.seen && ++task.used >= task.max_attempts && !task.cancelled) {
      task.due = Due::worker_lost;
      task.where = Where::waiting;
    } else {
      restart(task);
    }
  }
  std::erase_if(questions_, [&](const Question& question) { return question.member == index; });
  members_[index] = Member{};
  return MemberLost{member_id(index)};
}

Event World::end(std::uint32_t index, const Move& move) {
  Task& task = tasks_[index];
  const MemberId member = member_id(task.member);
  task.where = Where::waiting;
  task.due = Due::result;
  if (move.kind == Kind::finish) return Finished{member, task.id, run_time};
  --limits_.failures;
  const bool retry = move.kind == Kind::retry;
  ++task.used;
  if (retry && task.used < task.max_attempts) {
    task.due = Due::not_yet;
    restart(task);
  }
  return Failed{member, task.id, run_time, retry};
}

Event World::answer(std::uint32_t place) {
  const Question question = questions_[place];
  questions_.erase(questions_.begin() + place);
  Task& task = tasks_[question.task];
  std::vector<std::uint32_t>& queue = members_[question.member].queue;
  const auto queued = std::ranges::find(queue, question.task);
  // What was asked before the task was dealt there once more is answered for the former deal.
  const bool recalled = queued != queue.end() && question.deal == task.deals;
  if (recalled) {
    queue.erase(queued);
    restart(task);
  } else if (task.recalled && task.member == question.member) {
    task.seen = true;
  }
  return RecallAnswered{member_id(question.member), task.id, recalled};
}

Event World::cancel(std::uint32_t index) {
  --limits_.cancels;
  Task& task = tasks_[index];
  if (!task.seen) task.cancelled = true;
  if (task.where == Where::waiting) restart(task);
  return CancelRequested{task.id};
}

Event World::drain() {
  --limits_.drains;
  draining_ = true;
  for (Task& task : tasks_) {
    if (task.where == Where::waiting) restart(task);
  }
  return DrainRequested{};
}

void World::restart(Task& task) {
  task.where = Where::waiting;
  task.seen = task.recalled = false;
  if (draining_) task.due = Due::drained;
  if (task.cancelled) task.due = Due::cancelled;
}

void World::obey(const Dispatch& action) {
  const std::uint32_t index = index_of_task(action.task), at = index_of(action.member);
  Task& task = tasks_[index];
  expect(members_[at].here && !members_[at].retired, "dealt to a member that is not there");
  expect(task.where == Where::waiting && task.due == Due::not_yet && !draining_,
         "dealt what was not to be dealt");
  expect(action.attempt == task.used + 1, "miscounted attempts");
  task.where = Where::queued;
  task.member = at;
  ++task.deals;
  members_[at].queue.push_back(index);
  const std::uint64_t most = std::uint64_t{members_[at].workers} * (1 + policy_.prefetch_max);
  expect(tasks_at(at, false) <= most, "dealt more than a member may hold");
}

void World::obey(const Recall& action) {
  const std::uint32_t index = index_of_task(action.task), at = index_of(action.member);
  Task& task = tasks_[index];
  expect(task.member == at && !task.seen && !task.recalled, "recalled what cannot be recalled");
  expect(task.where == Where::queued || task.where == Where::running, "recalled what was not dealt");
  task.recalled = true;
  questions_.push_back({at, index, task.deals});
  const bool levelling = !task.cancelled && !draining_;
  expect(!levelling || tasks_at(at, false) >= members_[at].workers, "idled a worker by a recall");
}

void World::obey(const Deliver& action) {
  Task& task = tasks_[index_of_task(action.task)];
  expect(task.where != Where::ended && task.due == Due::result, "delivered what had no result");
  task.where = Where::ended;
  ++delivered_;
}

void World::obey(const GiveUp& action) {
  Task& task = tasks_[index_of_task(action.task)];
  const Due due = action.reason == Reason::worker_lost ? Due::worker_lost
                  : action.reason == Reason::cancelled ? Due::cancelled
                                                       : Due::drained;
  expect(task.where != Where::ended && task.due == due, "gave up what was not to be given up so");
  expect(action.attempts == task.used, "miscounted the attempts of what was given up");
  task.where = Where::ended;
  ++given_up_;
}

void World::obey(const Retire& action) {
  Member& member = members_[index_of(action.member)];
  expect(draining_ && member.here && !member.retired, "retired whom it may not");
  member.retired = true;
}

void World::check_all() {
  bool busy = false;
  for (const std::uint32_t index : in_slot_) {
    if (index == no_task || tasks_[index].where == Where::ended) continue;
    const Task& task = tasks_[index];
    busy = true;
    expect(task.due == Due::not_yet, "did not end what was to end");
    const bool held = task.where != Where::waiting && !task.seen;
    expect(!held || task.recalled || (!draining_ && !task.cancelled),
           "did not recall what is not wanted any more");
  }
  for (const Member& member : members_) {
    expect(!draining_ || busy || !member.here || member.retired, "did not retire a member");
  }
  const Counts counts = scheduler_.counts();
  expect(counts.submitted == tasks_.size() && counts.ended == delivered_ + given_up_, "miscounted");
}

bool World::finished() const {
  return tasks_.size() == limits_.tasks && delivered_ + given_up_ == limits_.tasks && scheduler_.idle();
}

/// A member answers in the order it was asked.
bool World::is_first_question(std::uint32_t place) const {
  const auto same = [&](const Question& question) { return question.member == questions_[place].member; };
  return std::ranges::find_if(questions_, same) == questions_.begin() + place;
}

void World::expect(bool holds, const char* what) {
  if (!holds && error_.empty()) error_ = what;
}

std::uint32_t World::index_of_task(TaskId id) const {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 32);
}

/// Tasks at the member that run; or all that no recall is under way for, as the scheduler sees them.
std::uint32_t World::tasks_at(std::uint32_t member, bool running_only) const {
  std::uint32_t count = 0;
  for (const std::uint32_t index : in_slot_) {
    if (index == no_task || tasks_[index].member != member) continue;
    const Task& task = tasks_[index];
    const bool running = task.where == Where::running;
    count +=
        running_only ? running : (running || task.where == Where::queued) && (task.seen || !task.recalled);
  }
  return count;
}

}  // namespace acre::schedule

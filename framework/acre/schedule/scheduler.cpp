#include <algorithm>
#include <cmath>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

namespace {

MemberId member_id(std::uint32_t member) { return static_cast<MemberId>(member); }

}  // namespace

Scheduler::Scheduler(Policy policy) : policy_(policy), prefetch_(policy.prefetch_min) {
  ACRE_CHECK(policy.low_water >= 0 && policy.low_water <= 1, "low water is a part of the target");
  ACRE_CHECK(policy.prefetch_min <= policy.prefetch_max, "the least to prefetch is not above the most");
}

void Scheduler::step(Instant, const Event& event, Actions& out) {
  std::visit([&](const auto& what) { on(what, out); }, event);
  if (draining_) {
    retire(out);
  } else {
    refill(out);
    level(out);
  }
}

Counts Scheduler::counts() const {
  return {.ready = population(State::ready),
          .held = population(State::held),
          .recalling = population(State::recalling),
          .running = population(State::running),
          .ended = population(State::ended),
          .submitted = in_flight() + population(State::ended)};
}

void Scheduler::on(const Submitted& event, Actions& out) {
  ++population(State::ended);  // a task that has not begun and one that is over are not told apart
  if (draining_) {
    out.push_back(GiveUp{event.task, Reason::drained, 0});
    return;
  }
  const std::uint32_t slot = slot_of(event.task);
  if (slot >= tasks_.size()) tasks_.resize(slot + std::size_t{1});
  ACRE_CHECK(tasks_[slot].state == State::ended, "a slot is used again only once its task has ended");
  tasks_[slot] = Task{};
  tasks_[slot].id = event.task;
  tasks_[slot].max_attempts = event.max_attempts;
  tasks_[slot].used = event.used;
  move(slot, State::ready, nothing, End::back);
}

void Scheduler::on(const MemberJoined& event, Actions&) {
  ACRE_CHECK(event.workers > 0, "a member has workers");
  const std::uint32_t member = index_of(event.member);
  if (member >= members_.size()) members_.resize(member + std::size_t{1});
  if (members_[member].workers == 0) ++unretired_;
  total_workers_ += event.workers;
  total_workers_ -= members_[member].workers;
  members_[member].workers = event.workers;
  reindex(member);
}

void Scheduler::on(const MemberLost& event, Actions& out) {
  if (!is_member(event.member)) return;
  const std::uint32_t index = index_of(event.member);
  Member& member = members_[index];
  // Each goes to the front of the ready list, so the last one goes first.
  while (member.recalling.size != 0) restart(member.recalling.tail, out);
  while (member.held.size != 0) restart(member.held.tail, out);
  while (member.running.size != 0) {
    const std::uint32_t slot = member.running.tail;
    ++tasks_[slot].used;
    try_again(slot, out);
  }
  loads_.remove(index);
  idle_workers_ -= member.idle;
  total_workers_ -= member.workers;
  if (!member.retired) --unretired_;
  member = Member{};
}

void Scheduler::on(const Started& event, Actions&) {
  const std::uint32_t slot = find_at(event.member, event.task);
  if (slot == nothing || tasks_[slot].state == State::running) return;
  run(slot);
}

void Scheduler::on(const Finished& event, Actions& out) {
  const std::uint32_t slot = find_at(event.member, event.task);
  if (slot == nothing) return;
  learn_task_time(event.run_time);
  deliver(slot, out);
}

void Scheduler::on(const Failed& event, Actions& out) {
  const std::uint32_t slot = find_at(event.member, event.task);
  if (slot == nothing) return;
  Task& task = tasks_[slot];
  ++task.used;
  if (event.retry && task.used < task.max_attempts) {
    restart(slot, out);
  } else {
    deliver(slot, out);
  }
}

void Scheduler::on(const RecallAnswered& event, Actions& out) {
  const std::uint32_t slot = find_at(event.member, event.task);
  if (slot == nothing) return;
  // A refusal may belong to an earlier deal of a task that failed there and was dealt to the same member
  // again, so what is thought to run may yet be given back.
  if (event.recalled) {
    tasks_[slot].used = std::max(tasks_[slot].used, event.used);
    try_again(slot, out);
  } else if (tasks_[slot].state == State::recalling) {
    run(slot);
  }
}

void Scheduler::on(const CancelRequested& event, Actions& out) {
  const std::uint32_t slot = find(event.task);
  if (slot == nothing || tasks_[slot].state == State::running) return;
  tasks_[slot].cancelled = true;
  tasks_[slot].if_unstarted = event.if_unstarted;
  if (tasks_[slot].state == State::ready) give_up(slot, Reason::cancelled, out);
  if (tasks_[slot].state == State::held) recall(slot, out);
}

void Scheduler::on(const DrainRequested&, Actions& out) {
  draining_ = true;
  while (ready_.size != 0) give_up(ready_.head, Reason::drained, out);
  if (population(State::held) == 0) return;
  for (const Member& member : members_) {
    while (member.held.size != 0) recall(member.held.tail, out);
  }
}

void Scheduler::on(const Tick&, Actions&) {}

void Scheduler::run(std::uint32_t slot) {
  Task& task = tasks_[slot];
  if (task.if_unstarted) task.cancelled = false;
  move(slot, State::running, task.member, End::back);
}

void Scheduler::refill(Actions& out) {
  while (ready_.size != 0) {
    const std::uint32_t member = loads_.least();
    if (member == nothing) return;
    const std::uint32_t size = refill_size(members_[member]);
    if (size == 0) return;
    for (std::uint32_t i = 0; i < size; ++i) dispatch(ready_.head, member, out);
  }
}

/// How many ready tasks the member gets now: nothing above low water; else what it lacks, but of its worker's
/// share of what is ready only half (factoring: Hummel, Schonberg, Flynn, CACM 35(8), 1992), unless workers
/// are idle.
std::uint32_t Scheduler::refill_size(const Member& member) const {
  const std::uint64_t workers = member.workers, load = member.load();
  const std::uint64_t extra = workers * prefetch_;
  if (static_cast<double>(load) >=
      static_cast<double>(workers) + policy_.low_water * static_cast<double>(extra)) {
    return 0;
  }
  const std::uint64_t shares = 2 * total_workers_;
  const std::uint64_t share = (ready_.size * workers + shares - 1) / shares;
  const std::uint64_t idle = member.idle;
  return static_cast<std::uint32_t>(
      std::min({std::uint64_t{ready_.size}, workers + extra - load, std::max(idle, share)}));
}

/// Takes tasks back from the most loaded member for idle workers that no ready task and no recall under way
/// will serve.
void Scheduler::level(Actions& out) {
  while (idle_workers_ > population(State::recalling)) {
    Member& donor = members_[loads_.most()];
    if (donor.load() <= donor.workers || donor.held.size == 0) return;
    const std::uint32_t size = recall_size(donor, members_[loads_.least()]);
    for (std::uint32_t i = 0; i < size; ++i) recall(donor.held.tail, out);
  }
}

/// What makes the loads per worker equal, at least one, and nothing that would idle a worker of the donor. So
/// the donor is left with no less per worker than the receiver gets, and two members cannot toss a task to
/// and fro.
std::uint32_t Scheduler::recall_size(const Member& donor, const Member& receiver) const {
  const std::uint64_t here = std::uint64_t{donor.load()} * receiver.workers;
  const std::uint64_t there = std::uint64_t{receiver.load()} * donor.workers;
  const std::uint64_t half = (here - there) / (std::uint64_t{donor.workers} + receiver.workers);
  const std::uint64_t spare = std::min(donor.held.size, donor.load() - donor.workers);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(half, 1, spare));
}

void Scheduler::retire(Actions& out) {
  if (unretired_ == 0 || !idle()) return;
  unretired_ = 0;
  for (std::uint32_t index = 0; index < members_.size(); ++index) {
    Member& member = members_[index];
    if (member.workers == 0 || member.retired) continue;
    member.retired = true;
    out.push_back(Retire{member_id(index)});
  }
}

void Scheduler::dispatch(std::uint32_t slot, std::uint32_t member, Actions& out) {
  move(slot, State::held, member, End::back);
  out.push_back(Dispatch{member_id(member), tasks_[slot].id, tasks_[slot].used + 1});
}

void Scheduler::recall(std::uint32_t slot, Actions& out) {
  const std::uint32_t member = tasks_[slot].member;
  move(slot, State::recalling, member, End::front);
  out.push_back(Recall{member_id(member), tasks_[slot].id});
}

/// The task is dealt again if it has attempts left.
void Scheduler::try_again(std::uint32_t slot, Actions& out) {
  const Task& task = tasks_[slot];
  if (task.used < task.max_attempts || task.cancelled) {
    restart(slot, out);
  } else {
    give_up(slot, Reason::worker_lost, out);
  }
}

/// The task may be dealt again, unless it is to end now.
void Scheduler::restart(std::uint32_t slot, Actions& out) {
  if (tasks_[slot].cancelled) {
    give_up(slot, Reason::cancelled, out);
  } else if (draining_) {
    give_up(slot, Reason::drained, out);
  } else {
    move(slot, State::ready, nothing, End::front);
  }
}

void Scheduler::deliver(std::uint32_t slot, Actions& out) {
  move(slot, State::ended, nothing, End::back);
  out.push_back(Deliver{tasks_[slot].id});
}

void Scheduler::give_up(std::uint32_t slot, Reason reason, Actions& out) {
  move(slot, State::ended, nothing, End::back);
  out.push_back(GiveUp{tasks_[slot].id, reason, tasks_[slot].used});
}

void Scheduler::learn_task_time(Duration run_time) {
  const Duration before = mean_task_time_;
  mean_task_time_ = before == Duration::zero() ? run_time : before + (run_time - before) / 8;
  const auto mean = static_cast<double>(std::max<std::int64_t>(mean_task_time_.count(), 1));
  const double wanted = std::ceil(static_cast<double>(policy_.prefetch_target.count()) / mean);
  prefetch_ =
      static_cast<std::uint32_t>(std::clamp<double>(wanted, policy_.prefetch_min, policy_.prefetch_max));
}

bool Scheduler::is_member(MemberId id) const {
  return index_of(id) < members_.size() && members_[index_of(id)].workers != 0;
}

/// The slot of a task that has not ended, or `nothing`.
std::uint32_t Scheduler::find(TaskId id) const {
  const std::uint32_t slot = slot_of(id);
  if (slot >= tasks_.size() || tasks_[slot].id != id || tasks_[slot].state == State::ended) return nothing;
  return slot;
}

std::uint32_t Scheduler::find_at(MemberId member, TaskId id) const {
  const std::uint32_t slot = find(id);
  return slot != nothing && tasks_[slot].member == index_of(member) ? slot : nothing;
}

List& Scheduler::list_of(const Task& task) {
  switch (task.state) {
    case State::held:
      return members_[task.member].held;
    case State::recalling:
      return members_[task.member].recalling;
    case State::running:
      return members_[task.member].running;
    default:
      return ready_;
  }
}

/// Every change of a task's state goes through here, so that lists, counts and loads cannot disagree.
void Scheduler::move(std::uint32_t slot, State state, std::uint32_t member, End end) {
  Task& task = tasks_[slot];
  const std::uint32_t from = task.member;
  if (task.state != State::ended) erase(tasks_, list_of(task), slot);
  --population(task.state);
  task.state = state;
  task.member = member;
  ++population(state);
  if (state != State::ended) {
    end == End::front ? push_front(tasks_, list_of(task), slot) : push_back(tasks_, list_of(task), slot);
  }
  if (from != nothing) reindex(from);
  if (member != nothing && member != from) reindex(member);
}

void Scheduler::reindex(std::uint32_t index) {
  Member& member = members_[index];
  const std::uint32_t load = member.load();
  idle_workers_ -= member.idle;
  member.idle = member.workers > load ? member.workers - load : 0;
  idle_workers_ += member.idle;
  loads_.place(index, load, member.workers);
}

std::uint64_t Scheduler::in_flight() const {
  return population(State::ready) + population(State::held) + population(State::recalling) +
         population(State::running);
}

}  // namespace acre::schedule

// Whether the scheduler may do what it does.
#include <algorithm>

#include <acre/simulate/oracle.hpp>

namespace acre::simulate {

using namespace schedule;

void Oracle::obey(const Dispatch& action) {
  const std::uint32_t range = find(action.task), index = index_of(action.member);
  require(range != none, "dealt a range that is not there");
  require(action.count != 0 && std::uint64_t{action.first} + action.count <= ranges_[range].what.count,
          "dealt tasks that the range does not have");
  require(index < members_.size() && members_[index].workers != 0, "dealt to a member that is not there");
  require(!members_[index].retired, "dealt to a retired member");
  require(!members_[index].doomed, "dealt to a member that is to be killed");
  require(!closed(), "dealt after the drain");
  const std::uint32_t base = ranges_[range].base + action.first;
  for (std::uint32_t i = 0; i < action.count; ++i) check_dealt(action, base + i);
  const std::uint32_t slot = slot_of(action.chunk);
  if (slot >= chunks_.size()) chunks_.resize(slot + std::size_t{1});
  require(static_cast<std::uint64_t>(action.chunk) != static_cast<std::uint64_t>(chunks_[slot].id) ||
              chunks_[slot].count == 0,
          "used the number of a chunk again");
  if (chunks_[slot].live) forget(slot);
  chunks_[slot] = {.id = action.chunk, .member = index, .base = base, .count = action.count};
  chunks_[slot].here = action.count;
  chunks_[slot].live = true;
  for (std::uint32_t i = 0; i < action.count; ++i) put(base + i, slot, action.attempt);
  check_room(members_[index]);
  members_[index].chunks.push_back(slot);
}

void Oracle::check_dealt(const Dispatch& action, std::uint32_t index) const {
  const Task& task = tasks_[index];
  const std::uint64_t workers = members_[index_of(action.member)].workers;
  const std::uint64_t limit = what(task).chunk != 0 ? what(task).chunk : policy_.chunk_max * workers;
  require(action.count <= limit, "dealt more tasks together than was allowed");
  require(task.where != Where::ended, "dealt a task that has ended");
  require(action.attempt >= task.used + 1 && action.attempt <= task.used_most + 1, "miscounted attempts");
  if (task.where == Where::waiting) {
    require(task.at[0] == none, "dealt a task that a member has");
    require(now_ >= task.not_before, "tried a task again before its backoff had passed");
    require(task.due != Due::ended, "dealt a task that is to end");
    require(!task.must_cancel, "dealt a task that was cancelled");
    if (!draining()) check_order(task);
    return;
  }
  check_copied(action, task);
}

/// Higher priorities go first, and of one priority what takes longer, as far as that is known.
void Oracle::check_order(const Task& task) const {
  for (std::size_t higher = level_of(task) + 1; higher < ready_.size(); ++higher) {
    require(ready_[higher] == 0, "dealt a task although one of a higher priority is ready");
  }
  const Submitted& own = what(task);
  for (const Range& range : ranges_) {
    if (range.ready == 0 || range.what.priority != own.priority) continue;
    const bool longer = range.what.expected > Duration::zero() && range.what.expected >= 2 * own.expected;
    require(!longer, "dealt a task although one that takes longer is ready");
  }
}

void Oracle::check_copied(const Dispatch& action, const Task& task) const {
  require(policy_.speculate_after != 0 && action.count == 1, "dealt a task that a member has");
  require(task.at[1] == none && task.at[0] != none, "dealt a task a third time");
  const Chunk& original = chunks_[task.at[0]];
  require(original.member != index_of(action.member), "repeated a task on the same member");
  require(original.started || original.refused, "repeated a task that is not known to run");
  const auto ran = static_cast<double>((now_ - original.since).count());
  require(ran + 1 >= policy_.speculate_after * static_cast<double>(mean_.count()),
          "repeated a task too early");
  for (const std::uint64_t ready : ready_) {
    require(ready == 0 || draining(), "repeated a task while others wait");
  }
}

/// The scheduler has used the slot of a chunk again: nothing that is said of the old one counts any more.
void Oracle::forget(std::uint32_t slot) {
  for (std::uint32_t i = 0; i < chunks_[slot].count; ++i) {
    const std::uint32_t index = chunks_[slot].base + i;
    if (!has(index, slot)) continue;
    leave(slot, index);
    require(tasks_[index].where == Where::ended || tasks_[index].at[0] != none, "lost a task that was dealt");
  }
  release(slot);
}

void Oracle::put(std::uint32_t index, std::uint32_t slot, std::uint32_t attempt) {
  Task& task = tasks_[index];
  if (task.at[0] == none) {
    unqueue(task);
    task.where = Where::dealt;
    ++dealt_;
    task.used = task.used_most = attempt - 1;
    task.at[0] = slot;
  } else {
    task.at[1] = slot;
  }
}

/// A chunk for each worker to run, and up to prefetch_max to follow; more only for workers that would be idle
/// because all that their member holds is being recalled.
void Oracle::check_room(const Member& member) const {
  const std::uint64_t most = std::uint64_t{member.workers} * (1 + std::uint64_t{policy_.prefetch_max});
  if (member.chunks.size() < most) return;
  std::uint64_t load = 0;
  for (const std::uint32_t slot : member.chunks) {
    load += chunks_[slot].here - std::min(chunks_[slot].here, chunks_[slot].asked);
  }
  require(load < member.workers, "dealt more chunks than a member may hold");
}

void Oracle::obey(const Recall& action) {
  const std::uint32_t slot = find(action.chunk);
  require(slot != none && chunks_[slot].here != 0, "recalled a chunk that no member has");
  Chunk& chunk = chunks_[slot];
  require(chunk.member == index_of(action.member), "recalled a chunk from another member");
  require(action.count != 0, "recalled nothing");
  if (action.unwanted) {
    require(members_[chunk.member].agent || !chunk.started, "left to run what a kill would end");
    chunk.unwanted = true;
    chunk.asked = chunk.here;
    chunk.asking = true;
    return;
  }
  require(!chunk.asking, "recalled a chunk again before the answer had come");
  require(action.count + (chunk.started ? 1 : 0) <= chunk.here,
          "recalled more tasks than could be unstarted");
  chunk.asked = action.count;
  chunk.asking = true;
}

void Oracle::obey(const Kill& action) {
  const std::uint32_t index = index_of(action.member);
  require(index < members_.size() && members_[index].workers != 0 && !members_[index].agent,
          "killed what is not a worker");
  Member& member = members_[index];
  require(!member.doomed, "killed a worker twice");
  if (action.reason == Reason::timed_out) {
    require(may_kill_for_time(member), "killed a worker although its task has not run too long");
  } else {
    require(action.reason == Reason::cancelled && may_kill_unwanted(member),
            "killed a worker whose task is still wanted");
  }
  member.doomed = true;
  if (action.reason == Reason::timed_out) member.killed_for = running(chunks_[member.current]);
}

bool Oracle::may_kill_for_time(const Member& member) const {
  return member.current != none && overdue(chunks_[member.current]);
}

/// Has it a task that was cancelled for good, or that has ended elsewhere?
bool Oracle::may_kill_unwanted(const Member& member) const {
  for (const std::uint32_t slot : member.chunks) {
    const Chunk& chunk = chunks_[slot];
    for (std::uint32_t i = 0; i < chunk.count; ++i) {
      const Task& task = tasks_[chunk.base + i];
      if (has(chunk.base + i, slot) && (task.kill || task.where == Where::ended)) return true;
    }
  }
  return false;
}

void Oracle::obey(const Deliver& action) {
  const std::uint32_t range = find(action.task);
  require(range != none, "delivered a range that is not there");
  require(std::uint64_t{action.first} + action.count <= ranges_[range].what.count,
          "delivered tasks that the range does not have");
  for (std::uint32_t i = 0; i < action.count; ++i) {
    const Task& task = tasks_[ranges_[range].base + action.first + i];
    require(task.where != Where::ended, "delivered a task that has ended");
    require(task.due == Due::delivered || task.due == Due::either, "delivered a task that has no outcome");
    end(ranges_[range].base + action.first + i);
  }
}

void Oracle::obey(const GiveUp& action) {
  const std::uint32_t range = find(action.task);
  require(range != none, "gave up a range that is not there");
  require(std::uint64_t{action.first} + action.count <= ranges_[range].what.count,
          "gave up tasks that the range does not have");
  for (std::uint32_t i = 0; i < action.count; ++i) {
    const Task& task = tasks_[ranges_[range].base + action.first + i];
    check_given_up(action, task);
    end(ranges_[range].base + action.first + i);
  }
}

void Oracle::check_given_up(const GiveUp& action, const Task& task) const {
  require(task.where != Where::ended, "gave up a task that has ended");
  require(task.where == Where::waiting || is_abandoned(task), "gave up a task that a member has");
  require(task.due != Due::delivered, "gave up a task although its outcome came");
  require(action.attempts >= task.used && action.attempts <= task.used_most,
          "miscounted the attempts of what was given up");
  const bool used_up = action.attempts >= what(task).max_attempts;
  switch (action.reason) {
    case Reason::worker_lost:
      return require(used_up && !task.timed_out, "gave up for lost workers what may be tried again");
    case Reason::timed_out:
      return require(used_up && task.timed_out, "gave up for its time what did not run too long");
    case Reason::quarantined:
      return require(task.strikes_most >= policy_.max_strikes, "quarantined a task with too few strikes");
    case Reason::cancelled:
      return require(task.cancelled, "gave up as cancelled what nobody cancelled");
    case Reason::drained:
      break;
  }
  const Duration expected = what(task).expected > Duration::zero() ? what(task).expected : mean_;
  require(closed() || (draining() && drain_at_ - now_ < expected), "gave up as drained what could be run");
}

/// Has it been cancelled for good, and is all that still runs of it being ended?
bool Oracle::is_abandoned(const Task& task) const {
  if (!task.kill) return false;
  return std::ranges::all_of(task.at, [&](std::uint32_t slot) {
    return slot == none || chunks_[slot].unwanted || members_[chunks_[slot].member].doomed;
  });
}

void Oracle::obey(const Retire& action) {
  const std::uint32_t index = index_of(action.member);
  require(index < members_.size() && members_[index].workers != 0, "retired a member that is not there");
  require(!members_[index].retired, "retired a member twice");
  require(closed() && live() == 0, "retired a member that is needed");
  members_[index].retired = true;
}

void Oracle::obey(const Break&) {
  require(must_break_, "broke although workers get somewhere");
  must_break_ = false;
  broke_ = true;
}

void Oracle::end(std::uint32_t index) {
  Task& task = tasks_[index];
  if (task.where == Where::waiting) {
    unqueue(task);
  } else {
    --dealt_;
  }
  task.where = Where::ended;
  ++ended_;
  --ranges_[task.range].left;
  if (task.at[0] != none) losers_.push_back(index);
}

}  // namespace acre::simulate

#include <algorithm>

#include <acre/simulate/oracle.hpp>

namespace acre::simulate {

using namespace schedule;

void Oracle::before(Instant now, const Event& event) {
  require(now >= now_, "time went back");
  now_ = now;
  must_break_ = false;
  wake_delayed();
  std::visit([&](const auto& what) { see(what); }, event);
  if (closed()) end_waiting();
}

void Oracle::on(const Action& action) {
  std::visit([&](const auto& what) { obey(what); }, action);
}

void Oracle::after(const Scheduler& scheduler) {
  check_touched();
  check_counts(scheduler);
  check_members(scheduler);
  check_deadline(scheduler);
}

/// Those whose backoff has surely passed are ready from now on, whether or not a timer has fired.
void Oracle::wake_delayed() {
  std::erase_if(delayed_, [&](std::uint32_t index) {
    Task& task = tasks_[index];
    if (task.ready_by > now_) return false;
    task.delayed = false;
    enqueue(task);
    return true;
  });
}

/// Once drained, what waits is to end.
void Oracle::end_waiting() {
  if (waiting_ == 0) return;
  for (const Range& range : ranges_) {
    for (std::uint32_t i = 0; i < range.what.count && range.left != 0; ++i) {
      const Task& task = tasks_[range.base + i];
      if (task.where == Where::waiting && task.due != Due::either) touch(range.base + i, Due::ended);
    }
  }
}

void Oracle::enqueue(Task& task) {
  ++ready_[level_of(task)];
  ++ranges_[task.range].ready;
}

void Oracle::unqueue(Task& task) {
  --waiting_;
  if (task.delayed) {
    std::erase(delayed_, static_cast<std::uint32_t>(&task - tasks_.data()));
    task.delayed = false;
  } else {
    --ready_[level_of(task)];
    --ranges_[task.range].ready;
  }
}

void Oracle::check_touched() {
  require(!must_break_, "did not break although workers die and none gets anywhere");
  for (const std::uint32_t index : touched_) {
    Task& task = tasks_[index];
    const bool ended = task.where == Where::ended;
    require(task.due != Due::delivered || ended, "did not deliver an outcome");
    require(task.due != Due::ended || ended, "did not end what was to end");
    if (task.due == Due::restarted && !ended) {
      require(task.used < what(task).max_attempts, "tried a task again that has no attempts left");
      require(task.strikes < policy_.max_strikes || !task.struck, "forgot a strike");
    }
    task.due = Due::nothing;
    task.struck = task.timed_out = false;
  }
  touched_.clear();
  for (const std::uint32_t index : losers_) check_loser(tasks_[index]);
  losers_.clear();
}

/// Whoever still runs a task that has ended elsewhere is told so.
void Oracle::check_loser(const Task& task) const {
  for (const std::uint32_t slot : task.at) {
    if (slot == none || chunks_[slot].here != 1) continue;
    const bool told = chunks_[slot].unwanted || members_[chunks_[slot].member].doomed;
    require(told, "left a task to run whose result is not wanted any more");
  }
}

void Oracle::check_counts(const Scheduler& scheduler) const {
  const Counts counts = scheduler.counts();
  require(counts.submitted == submitted_ && counts.ended == ended_, "miscounted what was submitted or ended");
  require(counts.ready + counts.delayed == waiting_, "miscounted what waits");
  require(counts.held + counts.recalling + counts.running == dealt_, "miscounted what was dealt");
  require(waiting_ + dealt_ + ended_ == submitted_, "lost a task");
  require(scheduler.idle() == (live() == 0), "is idle with tasks left, or busy without");
}

void Oracle::check_members(const Scheduler&) const {
  bool ready = false;
  for (const std::uint64_t count : ready_) ready = ready || count != 0;
  for (const Member& member : members_) {
    if (member.workers == 0) continue;
    check_member(member);
    std::uint64_t tasks = 0;
    for (const std::uint32_t slot : member.chunks) tasks += chunks_[slot].here;
    const bool idle = tasks < member.workers && !member.doomed && !closed();
    require(!ready || !idle, "left a member idle while tasks are ready");
    require(!closed() || live() != 0 || member.retired, "drained and empty, but a member is not retired");
  }
}

void Oracle::check_member(const Member& member) const {
  if (any_cancelled_) {
    for (const std::uint32_t slot : member.chunks) check_chunk(chunks_[slot]);
  }
  if (member.agent || member.doomed || member.current == none) return;
  const Chunk& chunk = chunks_[member.current];
  const Submitted& range = what(tasks_[chunk.base]);
  if (range.timeout != Duration::zero() && !chunk.unwanted) {
    require(now_ < chunk.since + range.timeout + timer_slack, "let a task run longer than its timeout");
  }
}

/// What is cancelled and has not started is on its way back; what has is killed if that was asked for.
void Oracle::check_chunk(const Chunk& chunk) const {
  const auto slot = static_cast<std::uint32_t>(&chunk - chunks_.data());
  if (chunk.unwanted || members_[chunk.member].doomed) return;
  std::uint32_t cancelled = 0, killed = 0;
  for (std::uint32_t i = 0; i < chunk.count; ++i) {
    const Task& task = tasks_[chunk.base + i];
    if (!has(chunk.base + i, slot) || task.where == Where::ended || task.at[0] != slot) continue;
    cancelled += task.must_cancel ? 1 : 0;
    killed += task.kill ? 1 : 0;
  }
  if (cancelled == 0) return;
  const bool worker = !members_[chunk.member].agent;
  if (killed != 0) require(!worker || !chunk.started, "left a cancelled task to run that was to be killed");
  if (chunk.refused || chunk.asking) return;
  require(cancelled <= (chunk.started ? 1u : 0u), "ignored a cancel");
}

void Oracle::check_deadline(const Scheduler& scheduler) const {
  const Instant next = scheduler.next_deadline();
  require(next > now_, "wants to be woken in the past");
  Instant due = Instant::never();
  for (const std::uint32_t index : delayed_) {
    const Task& task = tasks_[index];
    if (task.not_before > now_) due = std::min(due, task.ready_by - timer_slack);
  }
  for (const Member& member : members_) {
    if (member.agent || member.doomed || member.current == none) continue;
    const Chunk& chunk = chunks_[member.current];
    const Duration timeout = what(tasks_[chunk.base]).timeout;
    if (timeout != Duration::zero() && !chunk.unwanted) due = std::min(due, chunk.since + timeout);
  }
  if (due != Instant::never()) require(next <= due + timer_slack, "would sleep past what is due");
  if (draining() && !closed()) require(next <= drain_at_, "would sleep past the drain's deadline");
}

std::uint32_t Oracle::find(TaskId id) const {
  const std::uint32_t slot = slot_of(id);
  if (slot >= ranges_.size() || ranges_[slot].what.task != id || ranges_[slot].left == 0) return none;
  return slot;
}

std::uint32_t Oracle::find(ChunkId id) const {
  const std::uint32_t slot = slot_of(id);
  return slot < chunks_.size() && chunks_[slot].live && chunks_[slot].id == id ? slot : none;
}

std::size_t Oracle::level_of(const Task& task) const {
  return static_cast<std::size_t>(what(task).priority - lowest_priority);
}

}  // namespace acre::simulate

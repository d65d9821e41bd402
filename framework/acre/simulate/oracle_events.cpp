// What events mean for tasks, chunks and members, by the contract of the scheduler.
#include <algorithm>

#include <acre/simulate/oracle.hpp>

namespace acre::simulate {

using namespace schedule;

namespace {

/// Doubled for each attempt after the first, up to a minute.
Duration backoff(Duration first, std::uint32_t used) {
  constexpr Duration longest = std::chrono::minutes(1);
  Duration wait = first;
  for (std::uint32_t i = 1; i < used && wait < longest; ++i) wait *= 2;
  return std::min(wait, longest);
}

}  // namespace

void Oracle::see(const Submitted& event) {
  const std::uint32_t slot = slot_of(event.task);
  if (slot >= ranges_.size()) ranges_.resize(slot + std::size_t{1});
  const auto base = static_cast<std::uint32_t>(tasks_.size());
  ranges_[slot] = {event, base, event.count};
  submitted_ += event.count;
  for (std::uint32_t i = 0; i < event.count; ++i) {
    tasks_.push_back({.range = slot,
                      .used = event.used,
                      .used_most = event.used,
                      .strikes = event.strikes,
                      .strikes_most = event.strikes});
    ++waiting_;
    enqueue(tasks_.back());
    if (closed()) touch(base + i, Due::ended);
  }
}

void Oracle::see(const MemberJoined& event) {
  unborn_ = unborn_alone_ = 0;
  const std::uint32_t index = index_of(event.member);
  if (index >= members_.size()) members_.resize(index + std::size_t{1});
  members_[index].workers = event.workers;
  members_[index].agent = event.agent;
}

void Oracle::see(const MemberLost& event) {
  const std::uint32_t index = index_of(event.member);
  if (index >= members_.size() || members_[index].workers == 0) return;
  Member& member = members_[index];
  const bool fruitless = member.current == none && !member.doomed && !member.retired && !event.blameless;
  if (fruitless) expect_break(++fruitless_ == policy_.max_fruitless);
  while (!member.chunks.empty()) lose(member.chunks.back(), event.blameless);
  member = Member{};
}

void Oracle::see(const MemberUnborn&) {
  const bool works =
      std::any_of(members_.begin(), members_.end(), [](const Member& member) { return member.workers != 0; });
  ++unborn_;
  if (!works) ++unborn_alone_;
  const bool too_many = policy_.max_fruitless != 0 && unborn_ >= policy_.max_fruitless;
  expect_break(policy_.max_unborn != 0 && (unborn_alone_ >= policy_.max_unborn || too_many));
}

void Oracle::expect_break(bool due) { must_break_ = due && !broke_; }

/// Has what it runs gone on for longer than it may?
bool Oracle::overdue(const Chunk& chunk) const {
  const Duration timeout = what(tasks_[chunk.base]).timeout;
  return timeout != Duration::zero() && now_ >= chunk.since + timeout;
}

/// Of a worker, the task that ran is struck, and no other, unless the worker was killed for another one; of
/// an agent nobody knows what ran.
void Oracle::lose(std::uint32_t slot, bool blameless) {
  Chunk& chunk = chunks_[slot];
  const Member member = member_of(chunk);
  const std::uint32_t ran = chunk.started ? running(chunk) : none;
  for (std::uint32_t index = chunk.base; index < chunk.base + chunk.count; ++index) {
    if (!has(index, slot)) continue;
    leave(slot, index);
    Task& task = tasks_[index];
    if (task.where == Where::ended) continue;
    const bool lives = task.at[0] != none;
    const bool innocent = blameless || (member.doomed && member.killed_for != index && !task.kill);
    const bool late = index == ran && member.doomed && !blameless && overdue(chunk);
    const bool perhaps =
        member.agent ? !blameless && chunk.refused : index == ran && (late || (!innocent && lives));
    const bool surely = !member.agent && index == ran && !innocent && !lives;
    if (perhaps || surely) strike(index, surely);
    task.timed_out = late || (surely && member.killed_for == index);
    if (lives) continue;
    const Duration most = backoff(policy_.backoff, task.used_most);
    wait_again(index, surely ? backoff(policy_.backoff, task.used) : Duration{},
               perhaps || surely ? most : Duration{});
    if (task.kill) task.due = Due::ended;
  }
  release(slot);
}

/// The task was lost while it ran, or may have been.
void Oracle::strike(std::uint32_t index, bool exactly) {
  Task& task = tasks_[index];
  ++task.used_most;
  ++task.strikes_most;
  if (!exactly) return;
  ++task.used;
  ++task.strikes;
  task.struck = true;
}

void Oracle::wait_again(std::uint32_t index, Duration least, Duration most) {
  Task& task = tasks_[index];
  --dealt_;
  ++waiting_;
  task.where = Where::waiting;
  task.delayed = most != Duration::zero();
  task.not_before = now_ + least;
  task.ready_by = now_ + most + timer_slack;
  task.delayed ? delayed_.push_back(index) : enqueue(task);
  touch(index, Due::restarted);
}

void Oracle::see(const Started& event) {
  const std::uint32_t slot = find(event.chunk);
  if (slot != none) begin(slot);
}

void Oracle::begin(std::uint32_t slot) {
  if (chunks_[slot].started) return;
  chunks_[slot].started = true;
  chunks_[slot].since = now_;
  member_of(chunks_[slot]).current = slot;
}

void Oracle::see(const Finished& event) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == none) return;
  fruitless_ = 0;
  for (std::uint32_t i = 0; i < event.count; ++i) {
    const std::uint32_t task = chunks_[slot].base + event.first + i;
    require(event.first + i < chunks_[slot].count && has(task, slot), "the model told of a task twice");
    outcome(slot, task);
  }
  if (chunks_[slot].here == 0) release(slot);
}

/// An outcome of the task has come from there: the first one ends it.
void Oracle::outcome(std::uint32_t slot, std::uint32_t task) {
  leave(slot, task);
  chunks_[slot].since = now_;
  if (tasks_[task].where != Where::ended) touch(task, tasks_[task].kill ? Due::either : Due::delivered);
}

void Oracle::see(const Failed& event) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == none) return;
  fruitless_ = 0;
  const std::uint32_t index = chunks_[slot].base + event.first;
  require(event.first < chunks_[slot].count && has(index, slot), "the model told of a task twice");
  outcome(slot, index);
  Task& task = tasks_[index];
  if (task.where != Where::ended && event.retry) retry(index);
  if (chunks_[slot].here == 0) release(slot);
}

/// An attempt that failed is made again while there are attempts left. With copies it is not said which of
/// their attempts count, so both may be right.
void Oracle::retry(std::uint32_t index) {
  Task& task = tasks_[index];
  const std::uint32_t most = what(task).max_attempts;
  if (task.used + 1 >= most) return;
  const bool perhaps_last = task.used_most + 1 >= most;
  ++task.used_most;
  task.timed_out = false;
  if (task.at[0] != none) {
    task.due = perhaps_last ? Due::either : Due::nothing;
    if (!perhaps_last) std::erase(touched_, index);
    return;
  }
  ++task.used;
  wait_again(index, backoff(policy_.backoff, task.used), backoff(policy_.backoff, task.used_most));
  if (perhaps_last) task.due = Due::either;
}

void Oracle::see(const RecallAnswered& event) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == none) return;
  if (!event.recalled) {
    return end_recall(slot);
  }
  for (std::uint32_t i = 0; i < event.count; ++i) {
    const std::uint32_t index = chunks_[slot].base + event.first + i;
    require(event.first + i < chunks_[slot].count && has(index, slot), "the model gave back what it had not");
    leave(slot, index);
    if (chunks_[slot].asked != 0) --chunks_[slot].asked;
    Task& task = tasks_[index];
    task.used_most = std::max(task.used_most, event.used);
    task.strikes_most = std::max(task.strikes_most, event.strikes);
    if (task.where == Where::ended || task.at[0] != none) continue;
    task.used = std::max(task.used, event.used);
    task.strikes = std::max(task.strikes, event.strikes);
    task.timed_out = false;
    wait_again(index, {}, {});
    if (task.must_cancel && !chunks_[slot].refused) task.due = Due::ended;
  }
  if (chunks_[slot].here == 0) release(slot);
}

/// If less has come back than was asked for, the rest has started.
void Oracle::end_recall(std::uint32_t slot) {
  Chunk& chunk = chunks_[slot];
  if (!chunk.asking) return;
  chunk.asking = false;
  chunk.refused = chunk.refused || chunk.asked != 0;
  if (chunk.asked != 0) begin(slot);
  chunk.asked = 0;
}

void Oracle::see(const CancelRequested& event) {
  const std::uint32_t slot = find(event.task);
  if (slot == none) return;
  const Range& range = ranges_[slot];
  const bool all = event.count >= range.what.count;
  any_cancelled_ = true;
  for (std::uint32_t index = range.base; index < range.base + range.what.count; ++index) {
    Task& task = tasks_[index];
    if (task.where == Where::ended) continue;
    task.cancelled = true;
    task.kill = task.kill || event.kill;
    task.must_cancel = task.must_cancel || (all && !event.if_unstarted);
    if (all && task.where == Where::waiting) touch(index, Due::ended);
  }
}

void Oracle::see(const CancelOneRequested& event) {
  const std::uint32_t slot = find(event.task);
  if (slot == none || event.place >= ranges_[slot].what.count) return;
  const std::uint32_t index = ranges_[slot].base + event.place;
  Task& task = tasks_[index];
  if (task.where == Where::ended) return;
  any_cancelled_ = true;
  task.cancelled = task.must_cancel = true;
  if (task.where == Where::waiting) touch(index, Due::ended);
}

void Oracle::see(const DrainRequested& event) { drain_at_ = std::min(drain_at_, event.deadline); }

/// The member has the task no more.
void Oracle::leave(std::uint32_t slot, std::uint32_t index) {
  Task& task = tasks_[index];
  if (task.at[0] == slot) task.at[0] = task.at[1];
  task.at[1] = none;
  --chunks_[slot].here;
}

void Oracle::release(std::uint32_t slot) {
  Chunk& chunk = chunks_[slot];
  Member& member = member_of(chunk);
  std::erase(member.chunks, slot);
  if (member.current == slot) member.current = none;
  chunk.live = false;
}

/// The task that the member runs of a chunk it has begun: the first one it has not told of.
std::uint32_t Oracle::running(Chunk& chunk) const {
  const auto slot = static_cast<std::uint32_t>(&chunk - chunks_.data());
  while (!has(chunk.base + chunk.next, slot)) ++chunk.next;
  return chunk.base + chunk.next;
}

void Oracle::touch(std::uint32_t index, Due due) {
  if (tasks_[index].due == Due::nothing) touched_.push_back(index);
  tasks_[index].due = due;
}

}  // namespace acre::simulate

// What happened, and what it means for the tasks it concerns.
#include <algorithm>
#include <utility>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

namespace {

std::uint16_t narrowed(std::uint32_t attempts) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(attempts, 0xffff));
}

/// The end of an interval that may reach beyond all tasks.
std::uint32_t end_of(std::uint32_t first, std::uint32_t count) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{first} + count, nothing));
}

}  // namespace

Scheduler::Scheduler(Policy policy) : policy_(policy) {
  ACRE_CHECK(policy.low_water >= 0 && policy.low_water <= 1, "low water is a part of the target");
  ACRE_CHECK(policy.prefetch_min <= policy.prefetch_max, "the least to prefetch is not above the most");
}

void Scheduler::step(Instant now, const Event& event, Actions& out) {
  now_ = std::max(now_, now);
  std::visit([&](const auto& what) { on(what, out); }, event);
  while (timers_.size() != 0) {
    const std::uint32_t timer = timers_.next_due(now_);
    if (timer == nothing) break;
    fire(timer, out);
  }
  settle(out);
}

void Scheduler::on(const Submitted& event, Actions& out) {
  ACRE_CHECK(event.count > 0, "a range has tasks");
  counts_.submitted += event.count;
  if (closed_) {
    counts_.ended += event.count;
    out.push_back(GiveUp{event.task, Reason::drained, event.used, 0, event.count});
    return;
  }
  const std::uint32_t slot = slot_of(event.task);
  tasks_.reach(slot);
  Task& task = tasks_[slot];
  ACRE_CHECK(task.undone == 0, "a slot is used again only once its tasks have ended");
  task = {};
  task.id = event.task;
  task.expected = event.expected;
  task.timeout = event.timeout;
  task.end = task.undone = event.count;
  task.chunk = event.chunk;
  task.max_attempts = narrowed(event.max_attempts);
  task.used = narrowed(event.used);
  task.strikes = narrowed(event.strikes);
  task.key = ReadyQueue::key_of(event.priority, event.expected);
  ready_.push(tasks_, slot);
  counts_.ready += event.count;
  make_way(task, out);
}

void Scheduler::on(const MemberJoined& event, Actions&) {
  ACRE_CHECK(event.workers > 0, "a member has workers");
  unborn_ = unborn_alone_ = 0;
  const std::uint32_t index = index_of(event.member);
  if (index >= members_.size()) members_.resize(index + std::size_t{1});
  Member& member = members_[index];
  if (member.workers == 0) ++unretired_;
  total_workers_ += event.workers;
  total_workers_ -= member.workers;
  if (!member.doomed) total_weight_ -= member.weight();
  member.workers = event.workers;
  member.agent = event.agent;
  if (!member.doomed) total_weight_ += member.weight();
  reindex(index);
}

void Scheduler::on(const MemberLost& event, Actions& out) {
  if (!is_member(event.member)) return;
  const std::uint32_t index = index_of(event.member);
  Member& member = members_[index];
  const bool fruitless = member.current == nothing && !member.doomed && !member.retired && !event.blameless;
  // Each goes to the front of the ready queue, so the last one goes first, and what has started last of all.
  while (member.open.size != 0 || member.shut.size != 0) {
    const List& list = member.open.size != 0 ? member.open : member.shut;
    lose(list.tail, event.blameless, out);
  }
  if (loads_.holds(index)) loads_.remove(index);
  timers_.clear(2 * index);
  idle_workers_ -= member.idle;
  total_workers_ -= member.workers;
  if (!member.doomed) total_weight_ -= member.weight();
  if (!member.retired) --unretired_;
  member = Member{};
  if (fruitless && ++fruitless_ == policy_.max_fruitless) break_off(out);
}

// While others work, a few that cannot start are no reason to end what those do.
void Scheduler::on(const MemberUnborn&, Actions& out) {
  if (policy_.max_unborn == 0) return;
  ++unborn_;
  if (total_workers_ == 0) ++unborn_alone_;
  if (unborn_alone_ >= policy_.max_unborn || (policy_.max_fruitless != 0 && unborn_ >= policy_.max_fruitless))
    break_off(out);
}

void Scheduler::break_off(Actions& out) {
  if (!std::exchange(broke_, true)) out.push_back(Break{});
}

/// What a lost member had of a chunk: the task that ran has a strike, the others have not. If the member was
/// killed because of another chunk, this one is not to blame.
void Scheduler::lose(std::uint32_t slot, bool blameless, Actions& out) {
  if (chunks_[slot].unwanted) return release(slot);
  if (chunks_[slot].copy) return drop_copy(slot);
  const bool killed_for_another =
      members_[chunks_[slot].member].doomed && !chunks_[slot].timed_out && !chunks_[slot].kill;
  bool to_strike = chunks_[slot].started && !blameless && !killed_for_another;
  const std::uint32_t running = chunks_.next_undone(chunks_[slot], 0, chunks_[slot].count).first;
  if (const std::uint32_t copy = chunks_[slot].twin; copy != nothing) {
    const bool struck = to_strike && chunks_[copy].first == chunks_[slot].first + running;
    promote_copy(slot, chunks_[slot].used + (struck ? 1u : 0u), struck, out);
    if (struck) to_strike = false;
  }
  if (to_strike && chunks_[slot].undone != 0) {
    const std::uint32_t struck = carve(slot, running, 1);
    Chunk& chunk = chunks_[struck];
    ++chunk.used;
    ++chunk.strikes;
    if (chunk.if_unstarted) chunk.cancelled = false;
    try_again(struck, chunks_[slot].timed_out ? Reason::timed_out : Reason::worker_lost, out);
  }
  while (chunks_[slot].undone != 0) {
    const ChunkTable::Run run = chunks_.next_undone(chunks_[slot], 0, chunks_[slot].count);
    deal_again(carve(slot, run.first, run.count), out);
  }
  release(slot);
}

void Scheduler::on(const Started& event, Actions& out) {
  const std::uint32_t slot = find(event.chunk);
  if (slot != nothing) begin(slot, out);
}

void Scheduler::on(const Finished& event, Actions& out) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == nothing || event.count == 0) return;
  fruitless_ = 0;
  learn(chunks_[slot].member, event.run_time, event.count);
  if (chunks_[slot].unwanted) return release(slot);
  if (chunks_[slot].copy) return finish_copy(slot, out);
  const std::uint32_t end = end_of(event.first, event.count);
  for (std::uint32_t at = event.first; at < end;) {
    const ChunkTable::Run run = chunks_.next_undone(chunks_[slot], at, end);
    if (run.count == 0) break;
    if (deliver(slot, run.first, run.count, out)) return;
    at = run.first + run.count;
  }
  touch(slot);
}

void Scheduler::on(const Failed& event, Actions& out) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == nothing) return;
  fruitless_ = 0;
  if (chunks_[slot].unwanted) return release(slot);
  const bool again = event.retry && chunks_[slot].used + 1 < tasks_[chunks_[slot].task].max_attempts;
  if (chunks_[slot].copy) return again ? drop_copy(slot) : finish_copy(slot, out);
  if (chunks_.next_undone(chunks_[slot], event.first, end_of(event.first, 1)).count == 0) return;
  const std::uint32_t copy = chunks_[slot].twin;
  if (!again) {
    if (deliver(slot, event.first, 1, out)) return;
  } else if (copy != nothing && chunks_[copy].first == chunks_[slot].first + event.first) {
    promote_copy(slot, chunks_[slot].used + 1u, false, out);
  } else {
    const std::uint32_t failed = carve(slot, event.first, 1);
    ++chunks_[failed].used;
    try_again(failed, Reason::worker_lost, out);
  }
  touch(slot);
}

void Scheduler::on(const RecallAnswered& event, Actions& out) {
  const std::uint32_t slot = find(event.chunk);
  if (slot == nothing) return;
  if (!event.recalled) return end_recall(slot, out);
  if (chunks_[slot].unwanted) return release(slot);
  if (chunks_[slot].copy) return drop_copy(slot);
  take_back(slot, event, out);
}

/// All that comes back has come. If that is less than was asked for, the rest has started.
void Scheduler::end_recall(std::uint32_t slot, Actions& out) {
  const bool refused = chunks_[slot].asked != 0;
  change(slot, [refused](Chunk& chunk) {
    chunk.asked = 0;
    chunk.asking = false;
    chunk.solid = chunk.solid || refused;
    if (chunk.if_unstarted) chunk.cancelled = false;
  });
  refused ? begin(slot, out) : call_back(slot, out);
}

/// Tasks are back unstarted, or with attempts used up at an agent.
void Scheduler::take_back(std::uint32_t slot, const RecallAnswered& event, Actions& out) {
  std::uint32_t back = 0;
  const std::uint32_t copy = chunks_[slot].twin;
  if (copy != nothing && chunks_[copy].first - chunks_[slot].first - event.first < event.count)
    promote_copy(slot, narrowed(event.used), false, out);
  for (const std::uint32_t end = end_of(event.first, event.count);;) {
    const ChunkTable::Run run = chunks_.next_undone(chunks_[slot], event.first, end);
    if (run.count == 0) break;
    back += run.count;
    const std::uint32_t returned = carve(slot, run.first, run.count);
    Chunk& chunk = chunks_[returned];
    chunk.used = std::max(chunk.used, narrowed(event.used));
    chunk.strikes = std::max(chunk.strikes, narrowed(event.strikes));
    deal_again(returned, out);
  }
  change(slot, [back](Chunk& chunk) { chunk.asked -= std::min(chunk.asked, back); });
  if (chunks_[slot].undone == 0) release(slot);
}

void Scheduler::on(const CancelRequested& event, Actions& out) {
  const std::uint32_t slot = find(event.task);
  if (slot == nothing) return;
  std::uint32_t budget = event.count;
  const std::uint32_t fresh = std::min(budget, tasks_[slot].fresh());
  if (fresh != 0) give_up_fresh(slot, fresh, Reason::cancelled, out);
  budget -= fresh;
  for (std::uint32_t chunk = tasks_[slot].chunks.tail; chunk != nothing && budget != 0;) {
    const std::uint32_t before = chunks_[chunk].siblings.prev;
    cancel_chunk(chunk, event, budget, out);
    chunk = before;
  }
}

void Scheduler::cancel_chunk(std::uint32_t slot, const CancelRequested& event, std::uint32_t& budget,
                             Actions& out) {
  if (chunks_[slot].copy) return;
  if (chunks_[slot].phase != Phase::dealt) {
    const std::uint32_t all = chunks_[slot].count, count = std::min(budget, all);
    budget -= count;
    return give_up(count == all ? slot : carve(slot, all - count, count), Reason::cancelled, out);
  }
  const Chunk& chunk = chunks_[slot];
  const bool all = budget >= chunk.undone, kills = event.kill && all;
  const bool agent = members_[chunk.member].agent;
  const std::uint32_t count = chunk.list == ChunkList::open ? std::min(budget, unstarted(chunk)) : 0;
  budget -= std::min(budget, kills ? chunk.undone : count + chunk.asked);
  const bool forgotten = event.if_unstarted || !all;  // once it has started
  if (chunk.kill || (forgotten && count == 0 && chunk.asked == 0 && !kills)) return;
  change(slot, [&](Chunk& same) {
    same.cancelled = true;
    same.if_unstarted = forgotten && !kills;
    same.kill = kills;
  });
  if (kills && (chunk.started || agent)) return end_running(slot, out);
  if (count != 0) recall(slot, count, out);
}

/// Ends what a chunk runs: the worker that runs it, or as an agent thinks best.
void Scheduler::end_running(std::uint32_t slot, Actions& out) {
  if (const std::uint32_t copy = chunks_[slot].twin; copy != nothing) discard(copy, out);
  const std::uint32_t member = chunks_[slot].member;
  if (!members_[member].agent) return kill(member, Reason::cancelled, out);
  change(slot, [](Chunk& chunk) {
    chunk.asked = chunk.undone;
    chunk.asking = true;
  });
  const Chunk& chunk = chunks_[slot];
  out.push_back(
      Recall{static_cast<MemberId>(member), make_chunk_id(slot, chunk.generation), chunk.undone, true});
}

void Scheduler::on(const DrainRequested& event, Actions&) { drain_at_ = std::min(drain_at_, event.deadline); }

void Scheduler::on(const Tick&, Actions&) {}

void Scheduler::fire(std::uint32_t timer, Actions& out) {
  const std::uint32_t index = timer / 2;
  if (timer % 2 != 0) {
    change(index, [](Chunk& chunk) { chunk.phase = Phase::ready; });
    return;
  }
  const std::uint32_t current = members_[index].current;
  if (current == nothing || chunks_[current].unwanted || members_[index].doomed) return;
  const Duration timeout = tasks_[chunks_[current].task].timeout;
  if (timeout == Duration::zero()) return;
  const Instant due = chunks_[current].since + timeout;
  if (now_ < due) return timers_.set(timer, due);
  chunks_[current].timed_out = true;
  kill(index, Reason::timed_out, out);
}

std::optional<Scheduler::Running> Scheduler::running(MemberId id) const {
  if (!is_member(id) || members_[index_of(id)].current == nothing) return std::nullopt;
  const Chunk& chunk = chunks_[members_[index_of(id)].current];
  if (chunk.unwanted) return std::nullopt;
  return Running{tasks_[chunk.task].id, chunk.first + chunks_.next_undone(chunk, 0, chunk.count).first};
}

/// The chunk that has the task, unless it was never dealt or has ended; of two the original.
std::uint32_t Scheduler::chunk_with(TaskId id, std::uint32_t place) const {
  const std::uint32_t slot = find(id);
  if (slot == nothing) return nothing;
  for (std::uint32_t at = tasks_[slot].chunks.head; at != nothing; at = chunks_[at].siblings.next) {
    const std::uint32_t index = place - chunks_[at].first;
    if (chunks_[at].copy || index >= chunks_[at].count) continue;
    if (chunks_.next_undone(chunks_[at], index, index + 1).count != 0) return at;
  }
  return nothing;
}

std::optional<Whereabouts> Scheduler::whereabouts(TaskId id, std::uint32_t place) const {
  const std::uint32_t chunk = chunk_with(id, place);
  if (chunk == nothing || chunks_[chunk].phase != Phase::dealt) return std::nullopt;
  return Whereabouts{make_chunk_id(chunk, chunks_[chunk].generation), place - chunks_[chunk].first};
}

std::optional<std::uint32_t> Scheduler::first_place(ChunkId id) const {
  const std::uint32_t chunk = find(id);
  if (chunk == nothing) return std::nullopt;
  return chunks_[chunk].first;
}

bool Scheduler::begun(TaskId id, std::uint32_t place) const {
  const std::uint32_t at = chunk_with(id, place);
  if (at == nothing || chunks_[at].phase != Phase::dealt) return false;
  const Chunk& chunk = chunks_[at];
  if (members_[chunk.member].agent) return true;
  return chunk.started && chunks_.next_undone(chunk, 0, chunk.count).first == place - chunk.first;
}

bool Scheduler::is_member(MemberId id) const {
  return index_of(id) < members_.size() && members_[index_of(id)].workers != 0;
}

/// The slot of a range that has not ended, or `nothing`.
std::uint32_t Scheduler::find(TaskId id) const {
  const std::uint32_t slot = slot_of(id);
  return slot < tasks_.slots() && tasks_[slot].id == id && tasks_[slot].undone != 0 ? slot : nothing;
}

/// The slot of a chunk that is at a member as this deal, or `nothing`.
std::uint32_t Scheduler::find(ChunkId id) const {
  const std::uint32_t slot = slot_of(id);
  if (slot >= chunks_.slots() || chunks_[slot].phase != Phase::dealt) return nothing;
  return make_chunk_id(slot, chunks_[slot].generation) == id ? slot : nothing;
}

std::uint64_t Scheduler::in_flight() const { return counts_.submitted - counts_.ended; }

Counts Scheduler::counts() const { return counts_; }

std::size_t Scheduler::memory_bytes() const {
  return sizeof *this + tasks_.memory_bytes() + members_.capacity() * sizeof(Member) +
         unwanted_.capacity() * sizeof(Unwanted) + chunks_.memory_bytes() + ready_.memory_bytes() +
         loads_.memory_bytes() + timers_.memory_bytes();
}

}  // namespace acre::schedule

// The states of chunks: every change of one goes through change(), so that lists, counts and loads agree.
#include <algorithm>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

namespace {

constexpr Duration longest_backoff = std::chrono::minutes(1);

/// Doubled for each attempt after the first.
Duration backoff(Duration first, std::uint32_t used) {
  Duration wait = first;
  for (std::uint32_t i = 1; i < used && wait < longest_backoff; ++i) wait *= 2;
  return std::min(wait, longest_backoff);
}

/// Can some of its tasks be recalled?
bool is_open(const Chunk& chunk) {
  return !chunk.solid && !chunk.copy && !chunk.unwanted && !chunk.asking && unstarted(chunk) != 0;
}

ChunkList wanted_list(const Chunk& chunk) {
  switch (chunk.phase) {
    case Phase::ready:
      return ChunkList::ready;
    case Phase::delayed:
      return ChunkList::delayed;
    case Phase::dealt:
      return is_open(chunk) ? ChunkList::open : ChunkList::shut;
    default:
      return ChunkList::none;
  }
}

}  // namespace

void Scheduler::apply(const Chunk& chunk, bool add) {
  const Standing part = standing(chunk);
  // Most parts are nothing; leaving those out spares the processor wide loads of what it has just stored.
  const auto count = [add](auto& sum, std::uint32_t what) {
    if (what != 0) add ? sum += what : sum -= what;
  };
  count(counts_.ready, part.ready);
  count(counts_.delayed, part.delayed);
  count(counts_.held, part.held);
  count(counts_.recalling, part.recalling);
  count(counts_.running, part.running);
  if (chunk.member == nothing) return;
  count(members_[chunk.member].tasks, part.tasks);
  count(members_[chunk.member].asked, part.asked);
}

/// One of those lists that are not the ready queue's.
List& Scheduler::list_of(ChunkList list, std::uint32_t member) {
  if (list == ChunkList::delayed) return delayed_;
  return list == ChunkList::open ? members_[member].open : members_[member].shut;
}

void Scheduler::relist(std::uint32_t slot, std::uint32_t former_member) {
  Chunk& chunk = chunks_[slot];
  const ChunkList former = chunk.list, wanted = wanted_list(chunk);
  if (former == wanted) return;
  if (former == ChunkList::ready)
    ready_.erase(chunks_, slot, tasks_[chunk.task].key);
  else if (former != ChunkList::none)
    erase<&Chunk::links>(chunks_, list_of(former, former_member), slot);
  chunk.list = wanted;
  if (wanted == ChunkList::ready)
    ready_.push(chunks_, slot, tasks_[chunk.task].key);
  else if (wanted != ChunkList::none)
    push_back<&Chunk::links>(chunks_, list_of(wanted, chunk.member), slot);
}

void Scheduler::reindex(std::uint32_t index) {
  Member& member = members_[index];
  const std::uint32_t load = member.load();
  idle_workers_ -= member.idle;
  member.idle = member.takes_tasks() && member.workers > load ? member.workers - load : 0;
  idle_workers_ += member.idle;
  if (member.takes_tasks()) {
    loads_.place(index, load, member.workers, member.speed);
  } else if (loads_.holds(index)) {
    loads_.remove(index);
  }
}

/// Keeps started chunks that could be repeated in order of their age.
void Scheduler::update_age(std::uint32_t slot) {
  if (policy_.speculate_after == 0) return;
  Chunk& chunk = chunks_[slot];
  const bool wanted = chunk.phase == Phase::dealt && chunk.started && !members_[chunk.member].doomed &&
                      !chunk.copy && !chunk.unwanted && !chunk.cancelled && chunk.twin == nothing &&
                      chunk.undone > chunk.asked;
  if (wanted == chunk.aged) return;
  chunk.aged = wanted;
  if (!wanted) return erase<&Chunk::age>(chunks_, age_, slot);
  // What has just begun is the youngest; what has lost its copy is one of the oldest.
  std::uint32_t younger = nothing;
  if (age_.size != 0 && chunk.since < chunks_[age_.tail].since) {
    younger = age_.head;
    while (chunks_[younger].since <= chunk.since) younger = chunks_[younger].age.next;
  }
  insert<&Chunk::age>(chunks_, age_, slot, younger);
}

/// After one of its tasks has ended: the chunk is over, or its next task runs from now on.
void Scheduler::touch(std::uint32_t slot) {
  Chunk& chunk = chunks_[slot];
  if (chunk.undone == 0) return release(slot);
  chunk.since = now_;
  chunk.timed_out = false;
  if (!chunk.aged) return;
  erase<&Chunk::age>(chunks_, age_, slot);
  push_back<&Chunk::age>(chunks_, age_, slot);
}

std::uint32_t Scheduler::split_off(std::uint32_t slot, std::uint32_t count) {
  Task& task = tasks_[slot];
  const std::uint32_t chunk = chunks_.make(slot, task.next, count);
  chunks_[chunk].used = task.used;
  chunks_[chunk].strikes = task.strikes;
  push_back<&Chunk::siblings>(chunks_, task.chunks, chunk);
  task.next += count;
  counts_.ready -= count;
  if (task.fresh() == 0) ready_.erase(tasks_, slot);
  return chunk;
}

/// Takes tasks that have not ended out of a chunk and makes a chunk of their own of them, detached; the old
/// one may be left without tasks. A chunk that is not dealt shrinks at its end.
std::uint32_t Scheduler::carve(std::uint32_t slot, std::uint32_t first, std::uint32_t count) {
  const std::uint32_t part = chunks_.make(chunks_[slot].task, chunks_[slot].first + first, count);
  const Chunk& whole = chunks_[slot];
  chunks_[part].used = whole.used;
  chunks_[part].strikes = whole.strikes;
  chunks_[part].cancelled = whole.cancelled;
  chunks_[part].if_unstarted = whole.if_unstarted;
  push_back<&Chunk::siblings>(chunks_, tasks_[whole.task].chunks, part);
  if (whole.phase == Phase::dealt) {
    mark(slot, first, count);
  } else {
    change(slot, [count](Chunk& chunk) {
      chunk.count -= count;
      chunk.undone -= count;
    });
  }
  return part;
}

void Scheduler::mark(std::uint32_t slot, std::uint32_t first, std::uint32_t count) {
  change(slot, [&](Chunk& chunk) { chunks_.mark(chunk, first, count); });
}

void Scheduler::dispatch(std::uint32_t slot, std::uint32_t member, Actions& out) {
  change(slot, [&](Chunk& chunk) {
    chunk.phase = Phase::dealt;
    chunk.member = member;
    ++chunk.generation;
  });
  const Chunk& chunk = chunks_[slot];
  out.push_back(Dispatch{static_cast<MemberId>(member), make_chunk_id(slot, chunk.generation),
                         tasks_[chunk.task].id, chunk.first, chunk.count, chunk.used + 1u});
}

/// The member has begun with the chunk.
void Scheduler::begin(std::uint32_t slot, Actions& out) {
  if (chunks_[slot].started) return;
  change(slot, [this](Chunk& chunk) {
    chunk.started = true;
    chunk.since = now_;
  });
  const Chunk& chunk = chunks_[slot];
  members_[chunk.member].current = slot;
  if (members_[chunk.member].agent) return;
  if (chunk.unwanted || chunk.kill) return kill(chunk.member, Reason::cancelled, out);
  const Duration timeout = tasks_[chunk.task].timeout;
  if (timeout != Duration::zero()) timers_.set(2 * chunk.member, now_ + timeout);
}

void Scheduler::recall(std::uint32_t slot, std::uint32_t count, Actions& out) {
  change(slot, [count](Chunk& chunk) {
    chunk.asked = count;
    chunk.asking = true;
  });
  const Chunk& chunk = chunks_[slot];
  out.push_back(
      Recall{static_cast<MemberId>(chunk.member), make_chunk_id(slot, chunk.generation), count, false});
}

/// Recalls what could be recalled of a chunk only now, if it is not to be started any more.
void Scheduler::call_back(std::uint32_t slot, Actions& out) {
  const Chunk& chunk = chunks_[slot];
  if (chunk.list != ChunkList::open) return;
  if (!(chunk.cancelled || hastened_ || closed_)) return call_one_back(slot, out);
  recall(slot, unstarted(chunk), out);
}

/// An attempt is lost: the chunk is dealt again if it has attempts left.
void Scheduler::try_again(std::uint32_t slot, Reason reason, Actions& out) {
  if (first_unwanted(chunks_[slot]) != nothing) chunks_[slot].cancelled = true;
  const Chunk& chunk = chunks_[slot];
  if (!chunk.cancelled && chunk.strikes >= policy_.max_strikes) {
    give_up(slot, Reason::quarantined, out);
  } else if (!chunk.cancelled && chunk.used >= tasks_[chunk.task].max_attempts) {
    give_up(slot, reason, out);
  } else {
    restart(slot, backoff(policy_.backoff, chunk.used), out);
  }
}

/// A detached chunk that has lost no attempt is dealt again, unless those lost before were all it had.
void Scheduler::deal_again(std::uint32_t slot, Actions& out) {
  const bool used_up = chunks_[slot].used >= tasks_[chunks_[slot].task].max_attempts;
  used_up ? try_again(slot, Reason::worker_lost, out) : restart(slot, {}, out);
}

/// A detached chunk may be dealt again after the delay, unless it is to end now.
void Scheduler::restart(std::uint32_t slot, Duration delay, Actions& out) {
  if (chunks_[slot].cancelled) return give_up(slot, Reason::cancelled, out);
  if (!restart_wanted(slot, delay, out)) return;
  if (closed_) return give_up(slot, Reason::drained, out);
  change(slot,
         [delay](Chunk& chunk) { chunk.phase = delay > Duration::zero() ? Phase::delayed : Phase::ready; });
  if (delay > Duration::zero()) timers_.set(2 * slot + 1, now_ + delay);
}

/// Outcomes have come for tasks of a chunk, which is over if nothing is left of it; returns whether it is.
bool Scheduler::deliver(std::uint32_t slot, std::uint32_t first, std::uint32_t count, Actions& out) {
  const Chunk& chunk = chunks_[slot];
  const bool over = count == chunk.undone;
  announce(slot, first, count, out);
  if (chunk.twin != nothing && chunks_[chunk.twin].first - chunk.first - first < count)
    discard(chunk.twin, out);
  over ? release(slot) : mark(slot, first, count);
  return over;
}

void Scheduler::announce(std::uint32_t slot, std::uint32_t first, std::uint32_t count, Actions& out) {
  const Chunk& chunk = chunks_[slot];
  out.push_back(Deliver{tasks_[chunk.task].id, chunk.first + first, count});
  end_tasks(chunk.task, count);
}

/// Ends all tasks of a chunk that is not dealt.
void Scheduler::give_up(std::uint32_t slot, Reason reason, Actions& out) {
  const Chunk& chunk = chunks_[slot];
  out.push_back(GiveUp{tasks_[chunk.task].id, reason, chunk.used, chunk.first, chunk.count});
  end_tasks(chunk.task, chunk.count);
  release(slot);
}

/// Ends the last tasks of a range that were never dealt.
void Scheduler::give_up_fresh(std::uint32_t slot, std::uint32_t count, Reason reason, Actions& out) {
  Task& task = tasks_[slot];
  task.end -= count;
  counts_.ready -= count;
  if (task.fresh() == 0) ready_.erase(tasks_, slot);
  out.push_back(GiveUp{task.id, reason, task.used, task.end, count});
  end_tasks(slot, count);
}

/// A copy goes, and what it repeated goes on.
void Scheduler::drop_copy(std::uint32_t slot) {
  change(chunks_[slot].twin, [](Chunk& original) { original.twin = nothing; });
  release(slot);
}

/// A copy was faster than what it repeats, whose worker need not go on with that.
void Scheduler::finish_copy(std::uint32_t slot, Actions& out) {
  const std::uint32_t original = chunks_[slot].twin;
  const std::uint32_t repeated = chunks_[slot].first - chunks_[original].first;
  drop_copy(slot);
  announce(original, repeated, 1, out);
  mark(original, repeated, 1);
  chunks_[original].timed_out = false;
  if (chunks_[original].undone == 0) return discard(original, out);
  const std::uint32_t member = chunks_[original].member;
  if (!members_[member].agent) kill(member, Reason::cancelled, out);
}

/// What a chunk has repeated elsewhere is that copy's alone from now on, after so many attempts.
void Scheduler::promote_copy(std::uint32_t slot, std::uint32_t used, bool struck, Actions& out) {
  const std::uint32_t copy = chunks_[slot].twin;
  const std::uint32_t repeated = chunks_[copy].first - chunks_[slot].first;
  const bool cancelled = chunks_[slot].cancelled;
  change(slot, [](Chunk& chunk) { chunk.twin = nothing; });
  mark(slot, repeated, 1);
  change(copy, [&](Chunk& chunk) {
    chunk.copy = false;
    chunk.cancelled = cancelled;
    chunk.twin = nothing;
    chunk.used = std::max(chunk.used, static_cast<std::uint16_t>(used));
    chunk.strikes = static_cast<std::uint16_t>(chunk.strikes + (struck ? 1 : 0));
  });
  call_back(copy, out);
}

/// Nobody wants the results of a dealt chunk any more: it keeps its member busy until that ends.
void Scheduler::discard(std::uint32_t slot, Actions& out) {
  if (const std::uint32_t twin = chunks_[slot].twin; twin != nothing) {
    change(twin, [](Chunk& chunk) { chunk.twin = nothing; });
  }
  erase<&Chunk::siblings>(chunks_, tasks_[chunks_[slot].task].chunks, slot);
  change(slot, [](Chunk& chunk) {
    chunk.twin = chunk.task = nothing;
    chunk.unwanted = chunk.asking = true;
    chunk.asked = chunk.count;
  });
  const Chunk& chunk = chunks_[slot];
  if (chunk.started && !members_[chunk.member].agent) {
    kill(chunk.member, Reason::cancelled, out);
  } else {
    out.push_back(Recall{static_cast<MemberId>(chunk.member), make_chunk_id(slot, chunk.generation),
                         chunk.count, true});
  }
}

void Scheduler::kill(std::uint32_t index, Reason reason, Actions& out) {
  Member& member = members_[index];
  if (member.doomed) return;
  total_weight_ -= member.weight();
  member.doomed = true;
  reindex(index);
  if (member.current != nothing) update_age(member.current);
  out.push_back(Kill{static_cast<MemberId>(index), reason});
}

/// The chunk is over.
void Scheduler::release(std::uint32_t slot) {
  if (chunks_[slot].phase == Phase::delayed) timers_.clear(2 * slot + 1);
  change(slot, [](Chunk& chunk) {
    chunk.phase = Phase::detached;
    chunk.member = nothing;
  });
  if (const std::uint32_t task = chunks_[slot].task; task != nothing) {
    erase<&Chunk::siblings>(chunks_, tasks_[task].chunks, slot);
  }
  chunks_.free(slot);
}

void Scheduler::end_tasks(std::uint32_t slot, std::uint32_t count) {
  tasks_[slot].undone -= count;
  counts_.ended += count;
  if (unwanted_.empty() || tasks_[slot].undone != 0) return;
  std::erase_if(unwanted_, [id = tasks_[slot].id](const Unwanted& one) { return one.task == id; });
}

}  // namespace acre::schedule

#include <algorithm>

#include <acre/simulate/agent.hpp>

namespace acre::simulate {

using namespace schedule;

void Agent::submit(Instant now, const Assignment& order, Trace& trace) {
  std::uint32_t slot = static_cast<std::uint32_t>(ranges_.size());
  if (free_ranges_.empty()) {
    ranges_.emplace_back();
  } else {
    slot = free_ranges_.back();
    free_ranges_.pop_back();
  }
  const auto uses = static_cast<std::uint32_t>(static_cast<std::uint64_t>(ranges_[slot].id) >> 32);
  const TaskId id = make_task_id(slot, uses + 1);
  ranges_[slot] = {.id = id, .order = order, .left = order.count};
  step(now,
       Submitted{.task = id,
                 .max_attempts = order.max_attempts,
                 .used = order.attempt - 1,
                 .count = order.count,
                 .chunk = order.chunk_limit,
                 .priority = order.priority,
                 .expected = order.expected,
                 .timeout = order.timeout},
       trace);
}

void Agent::recall(Instant now, const RecallOrder& order, Trace& trace) {
  const auto range = std::ranges::find_if(
      ranges_, [&](const Range& one) { return one.left != 0 && one.order.chunk == order.chunk; });
  if (range == ranges_.end()) {
    said_.push_back(RecallAnswered{.chunk = order.chunk, .recalled = false});
    return;
  }
  to_answer_.push_back(slot_of(range->id));
  step(now,
       CancelRequested{
           .task = range->id, .if_unstarted = !order.unwanted, .count = order.count, .kill = order.unwanted},
       trace);
}

void Agent::cancel(Instant now, const Cancel& cancel, Trace& trace) {
  const auto range = std::ranges::find_if(ranges_, [&](const Range& one) {
    return one.left != 0 && cancel.task - one.order.first_task < one.order.count;
  });
  if (range == ranges_.end()) return;
  if (cancel.alone)
    return step(now, CancelOneRequested{range->id, cancel.task - range->order.first_task}, trace);
  step(now, CancelRequested{.task = range->id, .kill = cancel.kill}, trace);
}

void Agent::step(Instant now, const Event& event, Trace& trace) {
  trace.add(now, node_, event);
  now_happening_ = event;
  oracle_.before(now, event);
  actions_.clear();
  scheduler_.step(now, event, actions_);
  oracle_.learn(scheduler_.mean_task_time());
  for (const Action& action : actions_) trace.add(now, node_, action);
  for (const Action& action : actions_) {
    oracle_.on(action);
    std::visit([&](const auto& what) { obey(what); }, action);
  }
  oracle_.after(scheduler_);
  if (steps_++ % check_every_ == 0) scheduler_.check();
  note(event);
  answer_recalls();
}

/// Keeps account of the recalls that members have not answered.
void Agent::note(const Event& event) {
  if (const auto* finished = std::get_if<Finished>(&event)) tasks_left(finished->chunk, finished->count);
  if (const auto* failed = std::get_if<Failed>(&event)) tasks_left(failed->chunk, 1);
  if (const auto* lost = std::get_if<MemberLost>(&event)) lose(lost->member);
  const auto* answer = std::get_if<RecallAnswered>(&event);
  if (answer == nullptr) return;
  if (answer->recalled) return tasks_left(answer->chunk, answer->count);
  if (Chunk* chunk = find(answer->chunk); chunk != nullptr) answered(*chunk);
}

void Agent::tasks_left(ChunkId id, std::uint32_t count) {
  Chunk* chunk = find(id);
  if (chunk == nullptr) return;
  chunk->left -= std::min(count, chunk->left);
  if (chunk->left == 0) answered(*chunk);
}

void Agent::answered(Chunk& chunk) {
  if (!chunk.recalled) return;
  chunk.recalled = false;
  if (Range* range = find(chunk.range); range != nullptr) --range->outstanding;
}

void Agent::lose(MemberId member) {
  for (Chunk& chunk : chunks_) {
    if (chunk.left == 0 || chunk.member != member) continue;
    answered(chunk);
    chunk.left = 0;
  }
}

/// What is left of a range once its members have answered stays here.
void Agent::answer_recalls() {
  std::erase_if(to_answer_, [&](std::uint32_t slot) {
    Range& range = ranges_[slot];
    if (range.left == 0) return true;
    if (range.outstanding != 0) return false;
    said_.push_back(RecallAnswered{.chunk = range.order.chunk, .recalled = false});
    return true;
  });
}

void Agent::obey(const Dispatch& action) {
  const std::uint32_t slot = slot_of(action.chunk);
  if (slot >= chunks_.size()) chunks_.resize(slot + std::size_t{1});
  answered(chunks_[slot]);
  chunks_[slot] = {.id = action.chunk, .range = action.task, .member = action.member, .left = action.count};
  Assignment order = find(action.task)->order;
  order.chunk = action.chunk;
  order.first_task += action.first;
  order.count = action.count;
  order.attempt = action.attempt;
  sent_.push_back({action.member, order});
}

void Agent::obey(const Recall& action) {
  Chunk* chunk = find(action.chunk);
  if (Range* range = find(chunk->range); range != nullptr && !chunk->recalled) ++range->outstanding;
  chunk->recalled = true;
  sent_.push_back({action.member, RecallOrder{action.chunk, action.count, action.unwanted}});
}

void Agent::obey(const Kill& action) { sent_.push_back({action.member, KillOrder{}}); }

void Agent::obey(const Deliver& action) {
  Range& range = *find(action.task);
  tell_outcome(range, action);
  end(range, action.first, action.count, true, {});
}

/// The outcome is that which came with the event.
void Agent::tell_outcome(const Range& range, const Deliver& action) {
  if (const auto* failed = std::get_if<Failed>(&now_happening_)) {
    said_.push_back(Failed{.chunk = range.order.chunk, .first = action.first, .run_time = failed->run_time});
    return;
  }
  const auto* finished = std::get_if<Finished>(&now_happening_);
  const Duration each = finished == nullptr ? Duration{} : finished->run_time / finished->count;
  said_.push_back(Finished{.chunk = range.order.chunk,
                           .first = action.first,
                           .count = action.count,
                           .run_time = each * action.count});
}

/// What was cancelled here was asked back from above, which alone knows whether to deal it again; what ended
/// otherwise ends there too.
void Agent::obey(const GiveUp& action) {
  Range& range = *find(action.task);
  if (action.reason == Reason::cancelled) {
    said_.push_back(RecallAnswered{.chunk = range.order.chunk,
                                   .recalled = true,
                                   .first = action.first,
                                   .count = action.count,
                                   .used = action.attempts});
  } else {
    for (std::uint32_t i = 0; i < action.count; ++i) {
      said_.push_back(Failed{.chunk = range.order.chunk, .first = action.first + i, .run_time = {}});
    }
  }
  end(range, action.first, action.count, false, action.reason);
}

void Agent::obey(const Retire& action) { sent_.push_back({action.member, RetireOrder{}}); }

void Agent::obey(const Break&) { broken_ = true; }

void Agent::end(Range& range, std::uint32_t first, std::uint32_t count, bool delivered, Reason reason) {
  ended_.push_back({range.order.first_task + first, count, delivered, reason});
  range.left -= count;
  if (range.left == 0) free_ranges_.push_back(slot_of(range.id));
}

bool Agent::workers_changed() const {
  return scheduler_.total_workers() != 0 && scheduler_.total_workers() != told_workers_;
}

std::uint32_t Agent::new_workers() {
  if (!workers_changed()) return 0;
  told_workers_ = scheduler_.total_workers();
  return told_workers_;
}

Agent::Range* Agent::find(TaskId id) {
  const std::uint32_t slot = slot_of(id);
  return slot < ranges_.size() && ranges_[slot].id == id && ranges_[slot].left != 0 ? &ranges_[slot]
                                                                                    : nullptr;
}

Agent::Chunk* Agent::find(ChunkId id) {
  const std::uint32_t slot = slot_of(id);
  return slot < chunks_.size() && chunks_[slot].id == id ? &chunks_[slot] : nullptr;
}

}  // namespace acre::simulate

// Cancelling single tasks of a range, whose neighbours go on.
#include <algorithm>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

void Scheduler::on(const CancelOneRequested& event, Actions& out) {
  const std::uint32_t slot = find(event.task);
  if (slot == nothing || event.place >= tasks_[slot].end) return;
  if (tasks_[slot].end == 1) return on(CancelRequested{.task = event.task}, out);
  if (event.place >= tasks_[slot].next) return cancel_fresh(slot, event.place, out);
  const std::uint32_t chunk = chunk_with(event.task, event.place);
  if (chunk == nothing) return;
  const std::uint32_t index = event.place - chunks_[chunk].first;
  if (chunks_[chunk].phase != Phase::dealt) return cut_out(chunk, index, {}, out);
  const auto same = [&](const Unwanted& one) { return one.task == event.task && one.place == event.place; };
  if (std::none_of(unwanted_.begin(), unwanted_.end(), same)) unwanted_.push_back({event.task, event.place});
  if (chunks_[chunk].list == ChunkList::open) call_one_back(chunk, out);
}

/// One that was never dealt: what is before it becomes a chunk, as only the front of a range can be split
/// off.
void Scheduler::cancel_fresh(std::uint32_t slot, std::uint32_t place, Actions& out) {
  if (place + 1 == tasks_[slot].end) return give_up_fresh(slot, 1, Reason::cancelled, out);
  if (const std::uint32_t before = place - tasks_[slot].next; before != 0)
    restart(split_off(slot, before), {}, out);
  give_up(split_off(slot, 1), Reason::cancelled, out);
}

/// Ends one task of a chunk that is not dealt; what follows it may be dealt after the delay.
void Scheduler::cut_out(std::uint32_t slot, std::uint32_t index, Duration delay, Actions& out) {
  const std::uint32_t behind = chunks_[slot].count - index - 1;
  if (behind != 0) restart(carve(slot, index + 1, behind), delay, out);
  give_up(index == 0 ? slot : carve(slot, index, 1), Reason::cancelled, out);
}

/// Of an open chunk at a member: recalls the first task that was cancelled alone and is not known to run,
/// with those behind it, which are dealt again.
void Scheduler::call_one_back(std::uint32_t slot, Actions& out) {
  const Chunk& chunk = chunks_[slot];
  const std::uint32_t running = chunk.started ? chunks_.next_undone(chunk, 0, chunk.count).first + 1 : 0;
  const std::uint32_t first = first_unwanted(chunk, running);
  if (first == nothing) return;
  std::uint32_t count = 0;
  for (std::uint32_t at = first; at < chunk.count;) {
    const ChunkTable::Run run = chunks_.next_undone(chunk, at, chunk.count);
    if (run.count == 0) break;
    count += run.count;
    at = run.first + run.count;
  }
  recall(slot, count, out);
}

/// The place in a chunk of the first task from `from` on that was cancelled alone and has not ended, or
/// `nothing`.
std::uint32_t Scheduler::first_unwanted(const Chunk& chunk, std::uint32_t from) const {
  std::uint32_t first = nothing;
  if (unwanted_.empty() || chunk.task == nothing) return first;
  for (const Unwanted& one : unwanted_) {
    const std::uint32_t index = one.place - chunk.first;
    if (one.task != tasks_[chunk.task].id || index < from || index >= std::min(first, chunk.count)) continue;
    if (chunks_.next_undone(chunk, index, index + 1).count != 0) first = index;
  }
  return first;
}

/// Whether the whole of a detached chunk is wanted; or else ends what is not, and restarts the rest.
bool Scheduler::restart_wanted(std::uint32_t slot, Duration delay, Actions& out) {
  const std::uint32_t index = first_unwanted(chunks_[slot]);
  if (index == nothing) return true;
  cut_out(slot, index, delay, out);
  if (index != 0) restart(slot, delay, out);
  return false;
}

}  // namespace acre::schedule

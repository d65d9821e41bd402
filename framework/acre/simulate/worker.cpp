#include <algorithm>

#include <acre/simulate/worker.hpp>

namespace acre::simulate {

using schedule::Failed;
using schedule::RecallAnswered;
using schedule::Started;

void Worker::give_back(const RecallOrder& order, Events& said) {
  flush(said);
  const auto held = std::ranges::find(queue_, order.chunk, [](const Held& one) { return one.order.chunk; });
  if (held == queue_.end()) {
    said.push_back(RecallAnswered{.chunk = order.chunk, .recalled = false});
    return;
  }
  const std::uint32_t begun = held == queue_.begin() && running_ ? 1 : 0;
  const std::uint32_t count = std::min(order.count, held->end - held->next - begun);
  held->end -= count;
  if (count != 0) {
    said.push_back(
        RecallAnswered{.chunk = order.chunk, .recalled = true, .first = held->end, .count = count});
  }
  if (held->next != held->end) {
    said.push_back(RecallAnswered{.chunk = order.chunk, .recalled = false});
  } else {
    queue_.erase(held);
  }
}

std::optional<Worker::Begun> Worker::begin(Events& said) {
  if (running_ || queue_.empty()) return std::nullopt;
  running_ = true;
  if (habits_.tells_start) tell_start(said);
  const Held& now = queue_.front();
  return Begun{now.order.first_task + now.next, now.order.attempt};
}

void Worker::tell_start(Events& said) {
  Held& now = queue_.front();
  if (now.told) return;
  now.told = true;
  said.push_back(Started{now.order.chunk});
}

void Worker::end(Ending ending, Duration run_time, Events& said) {
  Held& now = queue_.front();
  const ChunkId chunk = now.order.chunk;
  const std::uint32_t place = now.next++;
  const bool last = now.next == now.end;
  running_ = false;
  if (last) queue_.erase(queue_.begin());
  if (ending != Ending::result) {
    flush(said);
    said.push_back(
        Failed{.chunk = chunk, .first = place, .run_time = run_time, .retry = ending == Ending::retry});
    return;
  }
  if (unsaid_.count != 0 && (unsaid_.chunk != chunk || unsaid_.first + unsaid_.count != place)) flush(said);
  if (unsaid_.count == 0) unsaid_ = {.chunk = chunk, .first = place, .count = 0, .run_time = {}};
  ++unsaid_.count;
  unsaid_.run_time += run_time;
  if (last || unsaid_.count >= habits_.batch) flush(said);
}

void Worker::flush(Events& said) {
  if (unsaid_.count == 0) return;
  said.push_back(unsaid_);
  unsaid_.count = 0;
}

void Worker::last_words(Events& said) {
  flush(said);
  if (running_) tell_start(said);
}

}  // namespace acre::simulate

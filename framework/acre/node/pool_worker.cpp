#include <algorithm>

#include <acre/node/pool_worker.hpp>
#include <acre/task/invoke.hpp>

namespace acre::node {

bool PoolWorker::send(Part part, const task::TaskHead& head, ByteView arguments) {
  const auto ticket = channel_.write(static_cast<std::uint32_t>(Down::task), bytes_of(head), arguments);
  if (!ticket) return false;
  dealt_.push_back({part, head.attempt, *ticket});
  unwoken_ = true;
  return true;
}

void PoolWorker::dispatch(Part part, const task::TaskHead& head, ByteView arguments) {
  if (outbox_.empty() && send(part, head, arguments)) return;
  outbox_.push_back({.part = part, .head = head, .arguments = Bytes(arguments.begin(), arguments.end())});
}

void PoolWorker::share(const task::SharedHandle& value) {
  Waiting what{.part = {}, .head = {}, .arguments = {}, .shared = value};
  if (!outbox_.empty() || !send(what)) outbox_.push_back(std::move(what));
}

void PoolWorker::unshare(std::uint64_t id) {
  Waiting what{.part = {}, .head = {}, .arguments = {}, .unshared = id};
  if (!outbox_.empty() || !send(what)) outbox_.push_back(std::move(what));
}

bool PoolWorker::send(const Waiting& what) {
  if (what.is_task()) return send(what.part, what.head, what.arguments);
  const auto ticket =
      what.shared != nullptr
          ? channel_.write_attached(static_cast<std::uint32_t>(Down::share), bytes_of(what.shared->place()),
                                    what.shared->memory())
          : channel_.write(static_cast<std::uint32_t>(Down::unshare), bytes_of(*what.unshared), {});
  unwoken_ |= ticket.has_value();
  return ticket.has_value();
}

// Tasks of a chunk stand one after the other, those in the ring before those in the outbox.
PoolWorker::TakenBack PoolWorker::recall(ChunkId chunk, std::uint32_t count) {
  const auto of_chunk = [chunk](const auto& entry) {
    if constexpr (requires { entry.is_task(); })
      if (!entry.is_task()) return false;
    return entry.part.chunk == chunk;
  };
  TakenBack back;
  const auto take = [&](auto& entries, auto may_take) {
    while (back.count < count) {
      const auto last = std::find_if(entries.rbegin(), entries.rend(), of_chunk);
      if (last == entries.rend() || !may_take(*last)) return;
      back.first = last->part.place;
      ++back.count;
      entries.erase(std::next(last).base());
    }
  };
  take(outbox_, [](const Waiting&) { return true; });
  if (std::none_of(outbox_.begin(), outbox_.end(), of_chunk))
    take(dealt_, [this](const Dealt& dealt) { return channel_.recall(dealt.ticket); });
  back.all = std::none_of(outbox_.begin(), outbox_.end(), of_chunk) &&
             std::none_of(dealt_.begin(), dealt_.end(), of_chunk);
  return back;
}

bool PoolWorker::stop() {
  state = State::stopping;
  if (!channel_.write(static_cast<std::uint32_t>(Down::stop), {}, {})) return false;
  channel_.wake();
  return true;
}

// By a word for a worker that runs tasks, and by a message for one that sleeps: whatever is seen first.
void PoolWorker::retire() {
  surplus = true;
  channel_.ask_to_leave(channel::Leave::surplus);
  if (channel_.write(static_cast<std::uint32_t>(Down::leave), {}, {})) channel_.wake();
}

bool PoolWorker::flush() {
  while (!outbox_.empty()) {
    if (!send(outbox_.front())) break;
    outbox_.pop_front();
  }
  if (std::exchange(unwoken_, false)) channel_.wake();
  return outbox_.empty();
}

std::optional<PoolWorker::Dealt> PoolWorker::take(std::uint64_t sequence) {
  if (dealt_.empty() || dealt_.front().ticket.sequence != sequence) return std::nullopt;
  const Dealt first = dealt_.front();
  dealt_.pop_front();
  return first;
}

std::optional<ChunkId> PoolWorker::running() const {
  if (dealt_.empty()) return std::nullopt;
  const Dealt& first = dealt_.front();
  try {
    if (channel_.claim(first.ticket) != channel::Claim::claimed) return std::nullopt;
  } catch (const channel::Violation&) {
    // Scribbled over. Tasks run in order, so it can only have been the first.
  }
  return first.part.chunk;
}

std::string PoolWorker::deed() const {
  if (!running()) return "";
  switch (static_cast<task::Stage>(channel_.stage())) {
    case task::Stage::decoding:
      return " while it decoded the arguments";
    case task::Stage::encoding:
      return " while it encoded the result";
    case task::Stage::answering:
      return " while it handed over the result";
    default:
      return "";
  }
}

bool PoolWorker::looks_hung(Instant at, Duration limit) {
  const std::uint32_t beat = channel_.beat();
  const bool works = channel_.stage() != static_cast<std::uint32_t>(task::Stage::idle) && running();
  if (dealt_.empty() || works || beat != std::exchange(beat_, beat) || beaten_at_ == Instant::never())
    beaten_at_ = at;
  if (!dealt_.empty()) channel_.wake_anyway();
  return at - beaten_at_ > limit;
}

std::optional<ChunkId> PoolWorker::newly_running() {
  const auto chunk = running();
  if (!chunk || chunk == told_) return std::nullopt;
  told_ = chunk;
  return chunk;
}

bool PoolWorker::prepare_sleep(const SleepPlan& plan) {
  std::uint64_t at = channel::AgentEnd::never;
  if (!dealt_.empty()) {
    const std::size_t last = dealt_.size() - 1;
    std::size_t position = plan.low_water ? last / 2 : last;
    if (plan.any_result) position = 0;
    at = dealt_[position].ticket.sequence;
    if (plan.awaited_chunk)
      for (const Dealt& dealt : dealt_)
        if (dealt.part.chunk == *plan.awaited_chunk) at = std::min(at, dealt.ticket.sequence);
  }
  channel_.ring_at(at);
  return !channel_.readable();
}

}  // namespace acre::node

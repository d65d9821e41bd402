#include <algorithm>

#include <acre/node/pool_worker.hpp>

namespace acre::node {

bool PoolWorker::send(TaskId task, const task::TaskHead& head, ByteView arguments) {
  const auto ticket = channel_.write(static_cast<std::uint32_t>(Down::task), bytes_of(head), arguments);
  if (!ticket) return false;
  dealt_.push_back({task, head.attempt, *ticket});
  unwoken_ = true;
  return true;
}

void PoolWorker::dispatch(TaskId task, const task::TaskHead& head, ByteView arguments) {
  if (outbox_.empty() && send(task, head, arguments)) return;
  outbox_.push_back({task, head, Bytes(arguments.begin(), arguments.end())});
}

bool PoolWorker::recall(TaskId task) {
  const auto waiting =
      std::find_if(outbox_.rbegin(), outbox_.rend(), [&](const Waiting& w) { return w.task == task; });
  if (waiting != outbox_.rend()) {
    outbox_.erase(std::next(waiting).base());
    return true;
  }
  const auto dealt =
      std::find_if(dealt_.rbegin(), dealt_.rend(), [&](const Dealt& d) { return d.task == task; });
  if (dealt == dealt_.rend() || !channel_.recall(dealt->ticket)) return false;
  dealt_.erase(std::next(dealt).base());
  return true;
}

bool PoolWorker::stop() {
  state = State::stopping;
  if (!channel_.write(static_cast<std::uint32_t>(Down::stop), {}, {})) return false;
  channel_.wake();
  return true;
}

bool PoolWorker::flush() {
  while (!outbox_.empty()) {
    const Waiting& first = outbox_.front();
    if (!send(first.task, first.head, first.arguments)) break;
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

std::optional<TaskId> PoolWorker::running() const {
  if (dealt_.empty()) return std::nullopt;
  const Dealt& first = dealt_.front();
  try {
    if (channel_.claim(first.ticket) != channel::Claim::claimed) return std::nullopt;
  } catch (const channel::Violation&) {
    // Scribbled over. Tasks run in order, so it can only have been the first.
  }
  return first.task;
}

bool PoolWorker::prepare_sleep(const SleepPlan& plan) {
  std::uint64_t at = channel::AgentEnd::never;
  if (!dealt_.empty()) {
    const std::size_t last = dealt_.size() - 1;
    std::size_t position = plan.low_water ? last / 2 : last;
    if (plan.any_result) position = 0;
    at = dealt_[position].ticket.sequence;
    if (plan.awaited)
      for (const Dealt& dealt : dealt_)
        if (dealt.task == *plan.awaited) at = std::min(at, dealt.ticket.sequence);
  }
  channel_.ring_at(at);
  return !channel_.readable();
}

}  // namespace acre::node

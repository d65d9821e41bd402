#include <algorithm>

#include <acre/node/pool_worker.hpp>
#include <acre/task/invoke.hpp>

namespace acre::node {

bool PoolWorker::send(const Pack& pack, ByteView arguments, const channel::Block& block) {
  const auto ticket = channel_.write(static_cast<std::uint32_t>(Down::task), pack.front(front_), arguments,
                                     pack.head.count, block);
  if (!ticket) return false;
  dealt_.push_back({pack.chunk, pack.place, pack.head.attempt, *ticket, block});
  unwoken_ = true;
  return true;
}

void PoolWorker::dispatch(const Deal& deal, const TaskRequest& request) {
  had_nothing_ |= dealt_.empty() && outbox_.empty();
  const channel::Block block = channel::Block::of(request.arguments);
  for (std::uint32_t place = 0; place < deal.count; place += pack_.head.count) {
    pack_.take(deal, request, place);
    const ByteView arguments = request.arguments_of(deal.first + place, pack_.head.count);
    if (outbox_.empty() && send(pack_, arguments, block)) continue;
    outbox_.push_back({.pack = pack_, .arguments = copy_of(arguments)});
  }
}

void PoolWorker::share(const task::SharedHandle& value) {
  Waiting what{.pack = {}, .arguments = {}, .shared = value};
  if (!outbox_.empty() || !send(what)) outbox_.push_back(std::move(what));
}

void PoolWorker::unshare(std::uint64_t id) {
  Waiting what{.pack = {}, .arguments = {}, .unshared = id};
  if (!outbox_.empty() || !send(what)) outbox_.push_back(std::move(what));
}

bool PoolWorker::send(const Waiting& what) {
  if (what.is_task()) return send(what.pack, what.arguments, {});
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
  const auto has_some = [chunk](const auto& entries) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.is_of(chunk); });
  };
  TakenBack back;
  recall_waiting(chunk, count, back);
  if (!has_some(outbox_)) recall_dealt(chunk, count, back);
  back.all = !has_some(outbox_) && !has_some(dealt_);
  return back;
}

void PoolWorker::recall_waiting(ChunkId chunk, std::uint32_t count, TakenBack& back) {
  for (std::size_t i = outbox_.size(); i-- > 0 && back.count < count;) {
    Waiting& what = outbox_[i];
    if (!what.is_of(chunk)) continue;
    const std::uint32_t taken = std::min(count - back.count, what.pack.head.count);
    const std::uint32_t left = what.pack.head.count - taken;
    back.first = what.pack.place + left;
    back.count += taken;
    if (left == 0) {
      outbox_.erase(outbox_.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    what.arguments.resize(what.pack.ends[left - 1]);
    what.pack.shorten(left);
  }
}

void PoolWorker::recall_dealt(ChunkId chunk, std::uint32_t count, TakenBack& back) {
  for (std::size_t i = dealt_.size(); i-- > 0 && back.count < count;) {
    Dealt& dealt = dealt_[i];
    if (!dealt.is_of(chunk)) continue;
    const std::uint32_t taken = channel_.recall(dealt.ticket, count - back.count);
    if (taken != 0) back.first = dealt.place + dealt.ticket.items;
    back.count += taken;
    const bool has_begun = dealt.ticket.items != 0;
    if (dealt.left() == 0) dealt_.erase(dealt_.begin() + static_cast<std::ptrdiff_t>(i));
    if (has_begun) return;
  }
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
  had_nothing_ = false;
  if (std::exchange(unwoken_, false)) channel_.wake();
  return outbox_.empty();
}

std::optional<PoolWorker::Answered> PoolWorker::next() const {
  if (dealt_.empty() || dealt_.front().left() == 0) return std::nullopt;
  const Dealt& first = dealt_.front();
  return Answered{first.chunk, first.place + first.answered, first.attempt};
}

std::optional<PoolWorker::Answered> PoolWorker::take(std::uint64_t progress, const task::ValueMark& mark) {
  const auto answered = next();
  if (!answered || progress != dealt_.front().next_progress()) return std::nullopt;
  ended_ns_ = static_cast<std::uint64_t>(mark.start_ns) + static_cast<std::uint64_t>(mark.run_ns);
  ++dealt_.front().answered;
  if (dealt_.front().left() == 0) dealt_.pop_front();
  return answered;
}

// Each is counted as it is taken: what comes behind it may be a violation.
std::uint32_t PoolWorker::take_values(task::Values& values) {
  if (!next()) return 0;
  constexpr std::uint64_t one_more = value_mark(1, 0);
  Dealt& first = dealt_.front();
  const std::uint32_t before = values.count();
  std::uint64_t expected = value_mark(first.next_progress(), 0), ended_ns = ended_ns_;
  task::ValueAdder adder(values);
  channel_.read_while(static_cast<std::uint32_t>(Up::value), [&](std::uint64_t mark, ByteView value) {
    const std::uint64_t run_ns = mark - expected;
    if (first.left() == 0 || run_ns >= one_more) return false;
    adder.add(value, static_cast<std::int64_t>(ended_ns), static_cast<std::int64_t>(run_ns));
    expected += one_more;
    ended_ns += run_ns;
    ++first.answered;
    return true;
  });
  ended_ns_ = ended_ns;
  if (first.left() == 0) dealt_.pop_front();
  return values.count() - before;
}

std::optional<ChunkId> PoolWorker::running() const {
  if (dealt_.empty()) return std::nullopt;
  const Dealt& first = dealt_.front();
  try {
    if (channel_.begun(first.ticket) <= first.answered) return std::nullopt;
  } catch (const channel::Violation&) {
    // Scribbled over. Tasks run in order, so it can only have been the first.
  }
  return first.chunk;
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

/// Where the worker is once it has answered so many more.
std::uint64_t PoolWorker::progress_after(std::uint64_t answers) const {
  for (const Dealt& dealt : dealt_) {
    if (answers <= dealt.left())
      return channel::progress_at(dealt.ticket.sequence,
                                  dealt.answered + static_cast<std::uint32_t>(answers));
    answers -= dealt.left();
  }
  return channel::AgentEnd::never;
}

/// How many answers will have come with that of this task.
std::optional<std::uint64_t> PoolWorker::answers_until(const schedule::Whereabouts& task) const {
  std::uint64_t before = 0;
  for (const Dealt& dealt : dealt_) {
    if (dealt.chunk == task.chunk && task.place - dealt.place < dealt.ticket.items)
      return before + task.place - dealt.place + 1 - dealt.answered;
    before += dealt.left();
  }
  return std::nullopt;
}

bool PoolWorker::prepare_sleep(const SleepPlan& plan) {
  std::uint64_t at = channel::AgentEnd::never;
  if (!dealt_.empty()) {
    std::uint64_t held = 0;
    for (const Dealt& dealt : dealt_) held += dealt.left();
    at = progress_after(plan.any_result ? 1 : plan.low_water ? (held + 1) / 2 : held);
    if (plan.awaited_at)
      if (const auto answers = answers_until(*plan.awaited_at))
        at = std::min(at, progress_after(std::max(*answers, std::min(*answers + plan.ahead, held / 2))));
  }
  channel_.ring_at(at);
  return !channel_.readable();
}

}  // namespace acre::node

// Who gets what: refilling members, levelling their loads, repeating the oldest tasks, and ending by a drain.
#include <algorithm>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

namespace {

constexpr std::uint32_t mean_over = 32;     ///< tasks that a running average spans
constexpr std::uint32_t settled_after = 8;  ///< tasks that tell a member's speed
constexpr std::uint32_t slowest = 2, fastest = 128;
constexpr std::uint64_t most_ahead = 1'000'000;
constexpr Duration worth_dealing = std::chrono::microseconds(20);  ///< dealing less costs more than it levels

std::uint64_t rounded_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

void Scheduler::MeanTime::add(Duration total, std::uint32_t count) {
  const std::int64_t time = std::max<std::int64_t>(count == 1 ? total.count() : total.count() / count, 0);
  const std::uint32_t weight = std::min(count, mean_over);
  seen = std::min(seen + weight, mean_over);
  const std::int64_t step = (time - mean.count()) * weight;
  mean += Duration(seen == mean_over ? step / mean_over : step / seen);
}

void Scheduler::learn(std::uint32_t index, Duration run_time, std::uint32_t count) {
  mean_task_time_.add(run_time, count);
  Member& member = members_[index];
  member.time.add(run_time, count);
  if (member.time.seen < settled_after || member.time.mean <= Duration::zero()) return;
  const auto all = normal_speed * static_cast<double>(mean_task_time_.mean.count());
  const auto own = static_cast<double>(member.time.mean.count());
  const double speed = member.speed;
  if (all * 8 > own * speed * 7 && all * 8 < own * speed * 9) return;
  if (!member.doomed) total_weight_ -= member.weight();
  member.speed = static_cast<std::uint32_t>(std::clamp<double>(all / own, slowest, fastest));
  if (!member.doomed) total_weight_ += member.weight();
  reindex(index);
}

void Scheduler::settle(Actions& out) {
  if (!closed_ && drain_at_ != Instant::never()) approach_drain(out);
  if (closed_) return retire(out);
  refill(out);
  level(out);
  speculate(out);
}

void Scheduler::refill(Actions& out) {
  while (!ready_.empty()) {
    ReadyQueue::Front front = ready_.front();
    if (too_long(task_of(front))) {
      give_up_front(out);
      continue;
    }
    const std::uint32_t member = loads_.least();
    if (member == nothing) return;
    const std::uint32_t size = refill_size(members_[member], front);
    if (size == 0) return;
    for (std::uint32_t dealt = 0;;) {
      dealt += deal(front, member, size - dealt, out);
      if (dealt >= size || ready_.empty() || is_full(members_[member])) break;
      front = ready_.front();
      if (too_long(task_of(front))) break;
    }
  }
}

/// How many ready tasks the member gets now: nothing above low water; else what it lacks, but of its share of
/// what is ready only half (factoring: Hummel, Schonberg, Flynn, CACM 35(8), 1992; shares by measured speed:
/// Banicescu and Liu, 2000), unless workers are idle.
std::uint32_t Scheduler::refill_size(const Member& member, const ReadyQueue::Front& front) const {
  if (is_full(member)) return 0;
  const std::uint64_t workers = member.workers, load = member.load();
  const std::uint64_t extra = workers * prefetch_of(member, front);
  if (static_cast<double>(load) >=
      static_cast<double>(workers) + policy_.low_water * static_cast<double>(extra)) {
    return 0;
  }
  const std::uint64_t idle = member.idle;
  const std::uint64_t most = std::max(idle, share_of(member));
  return static_cast<std::uint32_t>(std::min({counts_.ready, workers + extra - load, most}));
}

/// Has it as many chunks as it may hold? Never while a worker is idle.
bool Scheduler::is_full(const Member& member) const {
  const std::uint64_t most = member.workers * (1 + std::uint64_t{policy_.prefetch_max});
  return member.idle == 0 && member.open.size + std::uint64_t{member.shut.size} >= most;
}

/// Half of the member's share of what is ready, rounded up; of the quickest tasks as many as are worth it.
std::uint64_t Scheduler::share_of(const Member& member) const {
  const std::int64_t time = time_of(member).count();
  const std::uint64_t least = time > 0 ? static_cast<std::uint64_t>(worth_dealing.count() / time) : 0;
  return std::max(rounded_up(counts_.ready * member.weight(), 2 * total_weight_), trusted(least));
}

/// Tasks that a worker of the member holds beyond the running one.
std::uint32_t Scheduler::prefetch_of(const Member& member, const ReadyQueue::Front& front) const {
  if (hastened_) return 0;
  const std::int64_t time = time_of(member).count();
  const auto target = static_cast<std::uint64_t>(policy_.prefetch_target.count());
  std::uint64_t wanted = time > 0 ? rounded_up(target, static_cast<std::uint64_t>(time)) : 0;
  if (wanted > policy_.prefetch_max) {
    std::uint64_t chunk = count_of(front);
    if (chunk > member.workers) chunk = std::min<std::uint64_t>(chunk, chunk_size(member, task_of(front)));
    wanted = std::min(wanted, policy_.prefetch_max * std::max<std::uint64_t>(chunk / member.workers, 1));
  }
  wanted = trusted(std::min(wanted, most_ahead));
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(wanted, policy_.prefetch_min));
}

/// So many tasks ahead for a worker, or what may be believed so far of that. The first tasks to end are the
/// shortest ones, and would tell of far too short a time.
std::uint64_t Scheduler::trusted(std::uint64_t wanted) const {
  const std::uint64_t all = 4 * counts_.ended;
  return wanted * total_workers_ <= all ? wanted : all / total_workers_;
}

/// What a task takes on this member, as far as is known.
Duration Scheduler::time_of(const Member& member) const {
  return member.time.seen >= settled_after ? member.time.mean : mean_task_time_.mean;
}

/// How many tasks of the range to deal to the member together: work for a short time, down to single tasks.
std::uint32_t Scheduler::chunk_size(const Member& member, const Task& task) const {
  if (task.chunk != 0) return task.chunk;
  const std::int64_t time = std::max(time_of(member), task.expected).count();
  const std::uint64_t timely = time > 0 ? static_cast<std::uint64_t>(policy_.chunk_target.count() / time) : 1;
  const std::uint64_t bounded = trusted(std::min<std::uint64_t>(timely, policy_.chunk_max));
  const std::uint64_t most = std::max<std::uint64_t>(bounded, 1) * member.workers;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(share_of(member), 1, most));
}

const Task& Scheduler::task_of(const ReadyQueue::Front& front) const {
  return tasks_[front.is_chunk ? chunks_[front.index].task : front.index];
}

std::uint32_t Scheduler::count_of(const ReadyQueue::Front& front) const {
  return front.is_chunk ? chunks_[front.index].count : tasks_[front.index].fresh();
}

/// Deals a chunk of what is the front of the queue, about `size` tasks at most; returns how many.
std::uint32_t Scheduler::deal(const ReadyQueue::Front& front, std::uint32_t index, std::uint32_t size,
                              Actions& out) {
  const Task& task = task_of(front);
  std::uint32_t count = count_of(front);
  if (count > 1)
    count = std::min(count, task.chunk != 0 ? task.chunk : std::min(size, chunk_size(members_[index], task)));
  std::uint32_t chunk = front.index;
  if (!front.is_chunk) {
    chunk = split_off(front.index, count);
  } else if (count < chunks_[chunk].count) {
    restart(carve(chunk, count, chunks_[chunk].count - count), {}, out);
  }
  dispatch(chunk, index, out);
  return count;
}

/// Would it not end by the drain's deadline?
bool Scheduler::too_long(const Task& task) const {
  if (drain_at_ == Instant::never()) return false;
  const Duration expected = task.expected > Duration::zero() ? task.expected : mean_task_time_.mean;
  return drain_at_ - now_ < expected;
}

/// If the next worker to be free holds one task of a lower priority, takes that back for this one.
void Scheduler::make_way(const Task& task, Actions& out) {
  if (idle_workers_ != 0) return;
  const std::uint32_t index = loads_.least();
  if (index == nothing || members_[index].open.size != 1) return;
  const std::uint32_t slot = members_[index].open.tail;
  const Chunk& chunk = chunks_[slot];
  if (!ReadyQueue::more_urgent(task.key, tasks_[chunk.task].key)) return;
  recall(slot, unstarted(chunk), out);
}

/// Takes tasks back from the most loaded member for idle workers that no ready task and no recall under way
/// will serve.
void Scheduler::level(Actions& out) {
  while (idle_workers_ > counts_.recalling) {
    Member& donor = members_[loads_.most()];
    if (donor.load() <= donor.workers || donor.open.size == 0) return;
    const std::uint32_t size = recall_size(donor, members_[loads_.least()]);
    if (size == 0 || recall_some(donor, size, out) == 0) return;
  }
}

/// What makes the times to come equal, and nothing that would idle a worker of the donor; at least one if the
/// receiver would be done with it before the donor. So two members cannot toss a task to and fro. A receiver
/// that has shown no speed yet is taken to be as fast as the donor: what that did lately may have been
/// shorter than what it has now.
std::uint32_t Scheduler::recall_size(const Member& donor, const Member& receiver) const {
  const bool known = receiver.time.seen >= settled_after;
  const std::uint64_t giving = known ? donor.weight() : donor.workers;
  const std::uint64_t taking = known ? receiver.weight() : receiver.workers;
  const std::uint64_t here = donor.load() * taking, there = receiver.load() * giving;
  if (here < there + giving) return 0;
  const std::uint64_t half = (here - there) / (giving + taking);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(half, 1, donor.load() - donor.workers));
}

/// Recalls up to `size` tasks, those dealt last; returns how many.
std::uint32_t Scheduler::recall_some(Member& donor, std::uint32_t size, Actions& out) {
  std::uint32_t recalled = 0;
  while (recalled < size && donor.open.size != 0) {
    const std::uint32_t slot = donor.open.tail;
    const std::uint32_t count = std::min(size - recalled, unstarted(chunks_[slot]));
    recall(slot, count, out);
    recalled += count;
  }
  return recalled;
}

/// Lets idle workers repeat the oldest running tasks, each once at one time, when there is nothing else to
/// do.
void Scheduler::speculate(Actions& out) {
  while (speculation_due() <= now_) {
    const std::uint32_t index = loads_.least(), slot = age_.head;
    const std::uint32_t undone = chunks_.next_undone(chunks_[slot], 0, chunks_[slot].count).first;
    const std::uint32_t copy = chunks_.make(chunks_[slot].task, chunks_[slot].first + undone, 1);
    chunks_[copy].copy = true;
    chunks_[copy].twin = slot;
    chunks_[copy].used = chunks_[slot].used;
    chunks_[copy].strikes = chunks_[slot].strikes;
    push_back<&Chunk::siblings>(chunks_, tasks_[chunks_[slot].task].chunks, copy);
    change(slot, [copy](Chunk& chunk) { chunk.twin = copy; });
    dispatch(copy, index, out);
  }
}

/// When the oldest running task is to be repeated, if another member is the least loaded then; never if none
/// is idle now.
Instant Scheduler::speculation_due() const {
  if (age_.size == 0 || idle_workers_ <= counts_.recalling || closed_) return Instant::never();
  const Chunk& oldest = chunks_[age_.head];
  if (oldest.member == loads_.least() || too_long(tasks_[oldest.task])) return Instant::never();
  if (mean_task_time_.seen == 0) return Instant::never();
  const double wait = policy_.speculate_after * static_cast<double>(mean_task_time_.mean.count());
  return oldest.since + Duration(static_cast<std::int64_t>(std::min(wait, 1e18)));
}

Instant Scheduler::next_deadline() const {
  const Instant timer = std::min(timers_.next(), speculation_due());
  if (closed_ || drain_at_ == Instant::never()) return timer;
  return std::min(timer, hastened_ ? drain_at_ : drain_at_ - mean_task_time_.mean);
}

/// Takes back, in time, what would not be begun in time.
void Scheduler::approach_drain(Actions& out) {
  if (now_ >= drain_at_) return close(out);
  if (hastened_ || drain_at_ - now_ > mean_task_time_.mean) return;
  hastened_ = true;
  for (Member& member : members_) recall_some(member, nothing, out);
}

/// The front of the queue is not started any more.
void Scheduler::give_up_front(Actions& out) {
  const ReadyQueue::Front front = ready_.front();
  front.is_chunk ? give_up(front.index, Reason::drained, out)
                 : give_up_fresh(front.index, tasks_[front.index].fresh(), Reason::drained, out);
}

/// Nothing more is started from now on.
void Scheduler::close(Actions& out) {
  closed_ = true;
  while (!ready_.empty()) give_up_front(out);
  while (delayed_.size != 0) give_up(delayed_.head, Reason::drained, out);
  for (Member& member : members_) recall_some(member, nothing, out);
}

void Scheduler::retire(Actions& out) {
  if (unretired_ == 0 || !idle()) return;
  unretired_ = 0;
  for (std::uint32_t index = 0; index < members_.size(); ++index) {
    Member& member = members_[index];
    if (member.workers == 0 || member.retired) continue;
    member.retired = true;
    out.push_back(Retire{static_cast<MemberId>(index)});
  }
}

}  // namespace acre::schedule

// What happens to a cluster from outside: work, births and deaths.
#include <algorithm>

#include <acre/simulate/cluster.hpp>

namespace acre::simulate {

using namespace schedule;

void Cluster::act(const Submit& submit) {
  --to_submit_;
  ranges_.push_back(submit.range);
  agent(0).submit(now_, submit.range, trace_);
  take_along(0);
}

void Cluster::act(const Cancel& cancel) {
  agent(0).cancel(now_, cancel, trace_);
  take_along(0);
}

void Cluster::act(const Drain& drain) {
  drained_ = true;
  agent(0).step(now_, DrainRequested{now_ + drain.notice}, trace_);
  take_along(0);
}

void Cluster::act(const Die& event) {
  if (nodes_[event.node].alive) die(event.node, event.blameless);
}

void Cluster::act(const Leave& leave) {
  nodes_[leave.node].left = true;
  if (nodes_[leave.node].alive) die(leave.node, true);
}

void Cluster::act(const Join& join) {
  nodes_[join.node].left = false;
  birth(join.node);
}

void Cluster::birth(std::uint32_t index) {
  Node& node = nodes_[index];
  const bool lost = node.life == node.lost_life;
  if (node.alive || !lost || node.left) return;
  if (index != 0 && !nodes_[node.parent].alive) return;
  ++node.life;
  node.alive = true;
  node.flushing = node.reporting = false;
  node.up_clear = node.down_clear = now_;
  node.alarm = Instant::never();
  trace_.add(now_, index, "is born");
  if (index != 0) take_seat(index);
  if (!node.worker) {
    node.seats.clear();
    agents_[node.part] =
        Agent(index == 0 ? parameters_.root : parameters_.agent, index, parameters_.check_every);
    return bear_children(index);
  }
  workers_[node.part] = Worker(parameters_.habits);
  if (!calm_ && draw_.chance(parameters_.unborn)) return die(index, false);
  tell(index, {MemberJoined{node.member, 1}}, {});
}

/// Its member number: that of its former life, or a new one.
void Cluster::take_seat(std::uint32_t index) {
  Node& node = nodes_[index];
  std::vector<std::uint32_t>& seats = nodes_[node.parent].seats;
  const auto own = std::ranges::find(seats, index);
  if (own != seats.end() && !parameters_.new_names) return;
  node.member = static_cast<MemberId>(seats.size());
  seats.push_back(index);
}

/// A new agent has new workers, whatever became of the former ones.
void Cluster::bear_children(std::uint32_t parent) {
  for (std::uint32_t child = parent + 1; child < nodes_.size(); ++child) {
    if (nodes_[child].parent != parent) continue;
    nodes_[child].lost_life = nodes_[child].life;
    birth(child);
  }
}

/// A worker leaves last words; who notices a death fills the place again.
void Cluster::die(std::uint32_t index, bool blameless) {
  Node& node = nodes_[index];
  trace_.add(now_, index, "dies");
  Instant noticed = now_ + message_delay();
  if (node.worker) {
    Events said;
    worker(index).last_words(said);
    tell(index, said, {});
    if (!parameters_.late_words) noticed = std::max(noticed, node.up_clear);
  }
  end_life(index);
  const std::uint32_t stream = node.worker && !parameters_.late_words ? 2 * index + 1 : 0;
  queue_.push(noticed, stream, Lost{index, node.life, blameless});
}

/// All below it end with it.
void Cluster::end_life(std::uint32_t index) {
  nodes_[index].alive = false;
  if (nodes_[index].worker) return;
  for (std::uint32_t child = index + 1; child < nodes_.size(); ++child) {
    if (nodes_[child].parent == index && nodes_[child].alive) end_life(child);
  }
}

/// Workers die and none gets anywhere. Here an executor gives up: at the root with all its tasks; elsewhere
/// with its agent.
void Cluster::break_down(std::uint32_t node) {
  if (node != 0) {
    if (nodes_[node].alive) die(node, true);
    return;
  }
  if (gave_up_) return set_alarm(node);
  gave_up_ = true;
  for (const Assignment& range : ranges_) act(Cancel{range.first_task, true});
  act(Drain{});
}

void Cluster::calm_down() {
  calm_ = true;
  trace_.add(now_, 0, "faults stop");
  for (std::uint32_t node = 1; node < nodes_.size(); ++node) {
    nodes_[node].left = false;
    birth(node);
  }
  bound_ = now_ + bound_of_rest();
}

/// The same attempt is alike wherever it runs.
Nature Cluster::nature_of(std::uint32_t task, std::uint32_t attempt) const {
  const Parameters& p = parameters_;
  Draw draw(p.seed, std::uint64_t{task} + 16, 0);
  const bool kills = draw.chance(p.killers), hangs = draw.chance(p.hangs);
  Draw again(p.seed, std::uint64_t{task} + 16, attempt);
  Nature nature{.time = again.time(p.times, p.tau)};
  if (again.chance(p.retries)) nature.ending = Ending::retry;
  if (again.chance(p.failures)) nature.ending = Ending::failure;
  if (calm_) return nature;
  if (kills) nature.ending = Ending::death;
  if (hangs && has_timeout(task)) nature.ending = Ending::never;
  return nature;
}

bool Cluster::has_timeout(std::uint32_t task) const {
  return std::ranges::any_of(ranges_, [&](const Assignment& range) {
    return task - range.first_task < range.count && range.timeout != Duration::zero();
  });
}

/// Time enough to run all that is left one by one on the slowest worker, every attempt of it, with backoffs,
/// timeouts and the messages that each takes.
Duration Cluster::bound_of_rest() const {
  const Parameters& p = parameters_;
  Duration longest_backoff = std::max(p.root.backoff, p.agent.backoff);
  for (std::uint32_t i = 1; i < p.max_attempts; ++i) longest_backoff *= 2;
  const Duration message = 20 * p.delay + p.report_interval;
  Duration sum = p.submit_over + p.timeout + p.drain_notice + p.rebirth + 100 * message;
  for (std::uint32_t task = 0; task < tasks_; ++task) {
    if (ended_[task]) continue;
    for (std::uint32_t attempt = 1; attempt <= p.max_attempts; ++attempt) {
      sum += 10 * nature_of(task, attempt).time + longest_backoff + p.timeout + p.rebirth + timer_slack;
      sum += 4 * static_cast<int>(p.levels) * message;
    }
  }
  return sum;
}

}  // namespace acre::simulate

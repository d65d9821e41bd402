#include <algorithm>

#include <acre/simulate/cluster.hpp>

namespace acre::simulate {

using namespace schedule;

Cluster::Cluster(const Parameters& parameters, const std::vector<Place>& tree,
                 const std::vector<Scripted>& script, std::size_t traced)
    : parameters_(parameters), draw_(parameters.seed, 2), trace_(traced), nodes_(tree.size()) {
  for (std::uint32_t node = 0; node < tree.size(); ++node) {
    nodes_[node].parent = tree[node].parent;
    nodes_[node].worker = tree[node].worker;
    nodes_[node].slowness = draw_.chance(parameters.slow) ? 10 : 1;
    if (tree[node].worker) {
      nodes_[node].part = static_cast<std::uint32_t>(workers_.size());
      workers_.emplace_back();
    } else {
      nodes_[node].part = static_cast<std::uint32_t>(agents_.size());
      agents_.emplace_back(node == 0 ? parameters.root : parameters.agent, node, parameters.check_every);
    }
  }
  for (const Scripted& scripted : script) {
    queue_.push(scripted.at, std::holds_alternative<Submit>(scripted.what) ? 1 : 0, scripted.what);
    if (const auto* submit = std::get_if<Submit>(&scripted.what)) {
      tasks_ += submit->range.count;
      ++to_submit_;
    } else if (const auto* join = std::get_if<Join>(&scripted.what)) {
      nodes_[join->node].left = true;
    }
  }
  produced_.resize(tasks_);
  ended_.resize(tasks_);
  most_events_ = 3000 + std::uint64_t{tasks_} * 100;
  if (parameters.calm != Duration::zero()) {
    queue_.push(Instant{} + parameters.calm, 0, Signal{Cue::calm, 0, 1});
  }
  birth(0);
}

Summary Cluster::run() {
  while (!queue_.empty()) {
    auto item = queue_.pop();
    now_ = item.at;
    check_liveness();
    std::visit([&](const auto& what) { handle(what); }, item.what);
    if (queue_.empty() && !drained_) finish();
  }
  check_end();
  return {tasks_, events_, now_};
}

bool Cluster::is_scripted(std::uint64_t choice) const {
  return std::holds_alternative<Happening>(queue_.look(choice).what);
}

bool Cluster::is_fault(std::uint64_t choice) const {
  const auto* happening = std::get_if<Happening>(&queue_.look(choice).what);
  return happening != nullptr && !std::holds_alternative<Submit>(*happening);
}

void Cluster::happen(std::uint64_t choice) {
  stepwise_ = true;
  const auto item = queue_.take(choice);
  const auto* signal = std::get_if<Signal>(&item.what);
  if (signal != nullptr && signal->cue == Cue::alarm) now_ = std::max(now_, item.at);
  std::visit([&](const auto& what) { handle(what); }, item.what);
  settle();
}

/// A task that is late to arrive is as good as one that is slow to run, and a result that is late as good as
/// one that takes longer, so that is not tried as well.
bool Cluster::may_be_late(std::uint64_t choice) const {
  const What& what = queue_.look(choice).what;
  if (const auto* message = std::get_if<ToMember>(&what)) {
    return !std::holds_alternative<Assignment>(message->order);
  }
  const auto* message = std::get_if<ToScheduler>(&what);
  return message == nullptr || parameters_.late_words || std::holds_alternative<Started>(message->event);
}

void Cluster::settle() {
  while (true) {
    const std::vector<std::uint64_t> heads = choices();
    const auto sure = std::ranges::find_if(heads, [&](std::uint64_t one) { return !may_be_late(one); });
    if (sure == heads.end()) return;
    const auto item = queue_.take(*sure);
    std::visit([&](const auto& what) { handle(what); }, item.what);
  }
}

/// All is quiet: nothing may be left, and nobody is needed any more.
void Cluster::finish() {
  check_end();
  trace_.add(now_, 0, "all tasks have ended");
  handle(Happening{Drain{}});
}

void Cluster::check_end() const {
  require(ended_tasks_ == tasks_, "nothing more will happen, but not all tasks have ended");
  for (const Node& node : nodes_) {
    if (!node.alive) continue;
    if (node.worker) {
      require(workers_[node.part].empty(), "a worker has tasks although all have ended");
    } else {
      require(agents_[node.part].scheduler().idle(), "an agent has tasks although all have ended");
    }
  }
}

void Cluster::check_liveness() {
  ++events_;
  require(events_ <= most_events_, "too much happens: tasks are tossed to and fro");
  require(ended_tasks_ == tasks_ || now_ <= bound_, "not all tasks have ended although they had the time");
}

void Cluster::handle(const ToScheduler& message) {
  if (!is_up(message.node, message.life)) return;
  if (std::holds_alternative<MemberJoined>(message.event)) {
    Node& from = nodes_[message.from];
    if (message.from_life <= from.lost_life) return;
    from.joined_life = message.from_life;
  }
  agent(message.node).step(now_, message.event, trace_);
  take_along(message.node);
}

void Cluster::handle(const ToMember& message) {
  if (!is_up(message.node, message.life)) return;
  std::visit([&](const auto& order) { obey(message.node, order); }, message.order);
}

void Cluster::obey(std::uint32_t node, const Assignment& order) {
  if (nodes_[node].worker) {
    worker(node).take(order);
    return work(node);
  }
  agent(node).submit(now_, order, trace_);
  take_along(node);
}

void Cluster::obey(std::uint32_t node, const RecallOrder& order) {
  if (nodes_[node].worker) {
    Events said;
    worker(node).give_back(order, said);
    return tell(node, said, {});
  }
  agent(node).recall(now_, order, trace_);
  take_along(node);
}

void Cluster::obey(std::uint32_t node, const KillOrder&) {
  require(nodes_[node].worker, "an agent was to be killed");
  die(node, false);
}

void Cluster::obey(std::uint32_t node, const RetireOrder&) {
  nodes_[node].left = true;
  if (nodes_[node].worker) return end_life(node);
  agent(node).step(now_, DrainRequested{}, trace_);
  take_along(node);
}

void Cluster::handle(const TaskEnd& end) {
  if (!is_up(end.node, end.life)) return;
  if (end.nature.ending == Ending::death) return die(end.node, false);
  produced_[end.task] = true;
  Events said;
  worker(end.node).end(end.nature.ending, end.nature.time, said);
  tell(end.node, said, {});
  work(end.node);
  if (!worker(end.node).has_unsaid() || nodes_[end.node].flushing) return;
  nodes_[end.node].flushing = true;
  queue_.push(now_ + parameters_.report_interval, 0, Signal{Cue::flush, end.node, end.life});
}

/// A worker with nothing to do begins with its next task.
void Cluster::work(std::uint32_t node) {
  Events said;
  const auto begun = worker(node).begin(said);
  tell(node, said, {});
  if (!begun) return;
  Nature nature = nature_of(begun->task, begun->attempt);
  if (nature.ending == Ending::never) return;
  nature.time =
      Duration(static_cast<std::int64_t>(static_cast<double>(nature.time.count()) * nodes_[node].slowness));
  queue_.push(now_ + nature.time, 0, TaskEnd{node, nodes_[node].life, begun->task, nature});
}

/// Sends what a member has to say to its scheduler; nothing overtakes what was sent before.
void Cluster::tell(std::uint32_t node, const Events& said, Duration delay) {
  Node& from = nodes_[node];
  for (const Event& event : said) {
    from.up_clear = std::max(from.up_clear, now_ + delay + message_delay());
    queue_.push(from.up_clear, 2 * node + 1,
                ToScheduler{from.parent, nodes_[from.parent].life, node, from.life, event});
  }
}

/// What has come of a step of this scheduler.
void Cluster::take_along(std::uint32_t node) {
  send_orders(node);
  account(node);
  if (agent(node).broken()) return break_down(node);
  set_alarm(node);
  if (node == 0 || nodes_[node].reporting) return;
  if (agent(node).said().empty() && !agent(node).workers_changed()) return;
  if (parameters_.report_interval == Duration::zero()) return report(node);
  nodes_[node].reporting = true;
  queue_.push(now_ + parameters_.report_interval, 0, Signal{Cue::report, node, nodes_[node].life});
}

void Cluster::send_orders(std::uint32_t node) {
  for (const Agent::Sent& sent : agent(node).sent()) {
    const std::uint32_t to = nodes_[node].seats[index_of(sent.to)];
    Node& member = nodes_[to];
    if (member.member != sent.to) continue;
    member.down_clear = std::max(member.down_clear, now_ + message_delay());
    queue_.push(member.down_clear, 2 * to + 2, ToMember{to, member.joined_life, sent.order});
  }
  agent(node).sent().clear();
}

/// Tasks end at the root, each once, and not without an outcome from somewhere.
void Cluster::account(std::uint32_t node) {
  for (const Agent::Ended& ended : agent(node).ended()) {
    for (std::uint32_t task = ended.first_task; task < ended.first_task + ended.count; ++task) {
      if (node != 0) {
        if (!ended.delivered && ended.reason != Reason::cancelled) produced_[task] = true;
        continue;
      }
      require(!ended_[task], "a task ended twice");
      require(!ended.delivered || produced_[task], "an outcome was delivered that nobody has produced");
      ended_[task] = true;
      ++ended_tasks_;
    }
  }
  agent(node).ended().clear();
  if (node == 0) agent(node).said().clear();
}

void Cluster::set_alarm(std::uint32_t node) {
  Node& self = nodes_[node];
  const Instant next = agent(node).scheduler().next_deadline();
  if (next >= self.alarm) return;
  if (stepwise_) {
    queue_.remove([&](const What& what) {
      const auto* signal = std::get_if<Signal>(&what);
      return signal != nullptr && signal->cue == Cue::alarm && signal->node == node;
    });
  }
  self.alarm = std::max(next, now_);
  queue_.push(self.alarm, 0, Signal{Cue::alarm, node, self.life});
}

/// Tells the level above what has become of its tasks, and how many workers there are now.
void Cluster::report(std::uint32_t node) {
  Events& said = agent(node).said();
  if (const std::uint32_t workers = agent(node).new_workers(); workers != 0) {
    said.push_back(MemberJoined{nodes_[node].member, workers, true});
  }
  tell(node, said, {});
  said.clear();
}

void Cluster::handle(const Signal& signal) {
  if (signal.cue == Cue::calm) return calm_down();
  if (signal.cue == Cue::birth) return birth(signal.node);
  if (!is_up(signal.node, signal.life)) return;
  Node& node = nodes_[signal.node];
  if (signal.cue == Cue::report) {
    node.reporting = false;
    return report(signal.node);
  }
  if (signal.cue == Cue::flush) {
    node.flushing = false;
    Events said;
    worker(signal.node).flush(said);
    return tell(signal.node, said, {});
  }
  if (now_ < node.alarm) return;
  node.alarm = Instant::never();
  if (agent(signal.node).scheduler().next_deadline() <= now_) agent(signal.node).step(now_, Tick{}, trace_);
  take_along(signal.node);
}

/// The scheduler above learns of a death; the place is filled again.
void Cluster::handle(const Lost& lost) {
  Node& node = nodes_[lost.node];
  if (!nodes_[node.parent].alive || lost.life <= node.lost_life) return;
  node.lost_life = lost.life;
  const bool heard_of = node.joined_life == lost.life;
  if (heard_of) {
    agent(node.parent).step(now_, MemberLost{node.member, lost.blameless}, trace_);
  } else if (node.worker) {
    agent(node.parent).step(now_, MemberUnborn{}, trace_);
  }
  const std::uint32_t parent_life = nodes_[node.parent].life;
  take_along(node.parent);
  if (node.left || !is_up(node.parent, parent_life)) return;
  queue_.push(now_ + parameters_.rebirth, 0, Signal{Cue::birth, lost.node, 0});
}

void Cluster::handle(const Happening& happening) {
  if (!calm_ || std::holds_alternative<Submit>(happening) || std::holds_alternative<Drain>(happening)) {
    std::visit([&](const auto& what) { act(what); }, happening);
  }
}

/// Heavy tails are cut, so that a run has a bound.
Duration Cluster::message_delay() {
  return std::min(draw_.time(parameters_.delays, parameters_.delay), 20 * parameters_.delay);
}

}  // namespace acre::simulate

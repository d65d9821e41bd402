// What happens in a studied tree, event by event.
#include <algorithm>

#include <acre/simulate/study_tree.hpp>

namespace acre::simulate {

using namespace acre::schedule;

namespace {

constexpr Duration partial_report = std::chrono::milliseconds(100);
constexpr Duration hungry_report = std::chrono::milliseconds(5);

constexpr std::size_t most_parts = 16;  // of a chunk in one report before it is done

/// Makes one of each two intervals, sorted, of which one begins where the other one ends.
void merge(std::vector<Queued>& parts) {
  std::size_t merged = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    Queued& last = parts[merged];
    if (last.first + last.count == parts[i].first)
      last.count += parts[i].count;
    else
      parts[++merged] = parts[i];
  }
  if (!parts.empty()) parts.resize(merged + 1);
}

std::uint32_t half(std::size_t queued) { return static_cast<std::uint32_t>(queued / 2 + 1); }

}  // namespace

/// Makes the agent look for news then, unless it does so before.
void StudyTree::look_at(std::uint32_t index, std::int64_t at_ns) {
  SimpleAgent& agent = agents_[index];
  at_ns = std::max({at_ns, agent.free_ns, now_ns_});
  if (agent.wake_ns <= at_ns) return;
  agent.wake_ns = at_ns;
  queue_.push(at_ns, {index, false});
}

void StudyTree::wake(std::uint32_t index, std::int64_t at_ns) {
  SimpleAgent& agent = agents_[index];
  if (agent.wake_ns > at_ns + 1024) return;  // it has looked meanwhile
  agent.wake_ns = INT64_MAX;
  now_ns_ = std::max(at_ns, now_ns_);
  agent.free_ns = now_ns_;
  read_messages(agent);
  read_workers(agent);
  if (agent.parent != nothing) report(agent);
  send(agent);
  if (agent.scheduler->idle() && agent.inbox.empty()) return;
  look_at(index, now_ns_ + (agent.leaf ? case_.costs.leaf_poll : case_.costs.poll).count());
}

/// Takes in what has arrived by now; notes of one sender at one time are one message.
void StudyTree::read_messages(SimpleAgent& agent) {
  const std::vector<Note> inbox = std::exchange(agent.inbox, {});
  const Note* before = nullptr;
  for (const Note& note : inbox) {
    if (note.arrival_ns > now_ns_) {
      agent.inbox.push_back(note);
      continue;
    }
    if (before == nullptr || before->arrival_ns != note.arrival_ns || before->member != note.member) {
      agent.free_ns += case_.costs.message.count();
      ++agent.messages;
    }
    before = &note;
    take(agent, note);
  }
}

/// As pools do: rung for at low water while there is something to refill with, or else when one has run dry.
void StudyTree::read_workers(SimpleAgent& agent) {
  const auto finished = std::exchange(agent.finished, {});
  for (const Done& done : finished) {
    run_ns_ = done.run_ns;
    step(agent, Finished{done.what.chunk, done.what.first, done.what.count, Duration(done.run_ns)});
  }
  for (const Done& done : finished) {
    const bool refill = agent.scheduler->counts().ready != 0;
    workers_[done.worker].ring_below = refill ? half(workers_[done.worker].queue.size()) : 1;
  }
}

void StudyTree::take(SimpleAgent& agent, const Note& note) {
  if (note.kind == Note::Kind::finished) {
    run_ns_ = note.run_ns;
    return step(agent, Finished{note.chunk, note.first, note.count, Duration(note.run_ns)});
  }
  if (note.kind == Note::Kind::back)
    return step(agent, RecallAnswered{note.chunk, true, note.first, note.count});
  if (note.kind == Note::Kind::kept)
    return step(agent, RecallAnswered{.chunk = note.chunk, .recalled = false});
  if (note.kind == Note::Kind::deal) {
    if (agent.free_ranges.empty()) {
      agent.free_ranges.push_back(static_cast<std::uint32_t>(agent.ranges.size()));
      agent.ranges.emplace_back();
    }
    const std::uint32_t slot = agent.free_ranges.back();
    agent.free_ranges.pop_back();
    Range& range = agent.ranges[slot];
    const std::uint32_t generation = range.generation + 1;
    range = {note.chunk, note.count, note.count, generation, false, now_ns_, 0, {}};
    agent.active.push_back(slot);
    return step(agent, Submitted{.task = make_task_id(slot, generation), .count = note.count});
  }
  const auto at = std::ranges::find_if(
      agent.active, [&](std::uint32_t slot) { return agent.ranges[slot].chunk == note.chunk; });
  if (at == agent.active.end()) return;
  const std::uint32_t slot = *at;
  const Range& range = agent.ranges[slot];
  step(agent, CancelRequested{make_task_id(slot, range.generation), true, note.count});
  if (range.left != 0) agent.up.push_back({Note::Kind::kept, note.chunk, agent.number, 0, 0, 0});
}

void StudyTree::step(SimpleAgent& agent, const Event& event) {
  agent.free_ns += case_.costs.chunk.count();
  Actions actions = std::exchange(actions_, {});
  actions.clear();
  agent.scheduler->step(Instant{now_ns_}, event, actions);
  for (const Action& action : actions) perform(agent, action);
  actions_ = std::move(actions);
}

void StudyTree::perform(SimpleAgent& agent, const Action& action) {
  if (const auto* deal = std::get_if<Dispatch>(&action)) {
    const std::uint32_t member = index_of(deal->member);
    agent.free_ns += case_.costs.chunk.count();
    if (!agent.leaf) {
      agent.down[member].push_back({Note::Kind::deal, deal->chunk, 0, 0, deal->count, 0});
      return;
    }
    const std::uint32_t worker = agent.first_member + member;
    workers_[worker].queue.push_back({deal->chunk, 0, deal->count});
    workers_[worker].ring_below = half(workers_[worker].queue.size());
    if (workers_[worker].queue.size() == 1) begin(worker, agent.free_ns);
  } else if (const auto* recall = std::get_if<Recall>(&action)) {
    agent.leaf ? recall_worker(agent, *recall)
               : agent.down[index_of(recall->member)].push_back(
                     {Note::Kind::recall, recall->chunk, 0, 0, recall->count, 0});
  } else if (const auto* done = std::get_if<Deliver>(&action)) {
    ended(agent, done->task, done->first, done->count, false);
  } else if (const auto* back = std::get_if<GiveUp>(&action)) {
    ended(agent, back->task, back->first, back->count, true);
  }
}

/// Tasks have ended here, or go back to where they came from.
void StudyTree::ended(SimpleAgent& agent, TaskId task, std::uint32_t first, std::uint32_t count, bool back) {
  if (agent.parent == nothing) return;
  Range& range = agent.ranges[slot_of(task)];
  range.left -= count;
  if (back) {
    range.in_parts = true;
    agent.up.push_back({Note::Kind::back, range.chunk, agent.number, first, count, 0});
    return;
  }
  range.run_ns += run_ns_;
  if (!range.ended.empty() && range.ended.back().first + range.ended.back().count == first) {
    range.ended.back().count += count;
  } else {
    range.ended.push_back({{}, first, count});
  }
}

/// A worker gives back what it has not begun with, the last tasks first.
void StudyTree::recall_worker(SimpleAgent& agent, const Recall& recall) {
  SimpleWorker& worker = workers_[agent.first_member + index_of(recall.member)];
  for (std::size_t i = worker.queue.size(); i-- > 1;) {
    Queued& queued = worker.queue[i];
    if (queued.chunk != recall.chunk) continue;
    const std::uint32_t count = std::min(recall.count, queued.count);
    queued.count -= count;
    const std::uint32_t first = queued.first + queued.count;
    const bool all = queued.count == 0;
    if (all) worker.queue.erase(worker.queue.begin() + static_cast<std::ptrdiff_t>(i));
    step(agent, RecallAnswered{recall.chunk, true, first, count});
    if (all) return;
    break;
  }
  step(agent, RecallAnswered{.chunk = recall.chunk, .recalled = false});
}

/// Whole chunks are reported as they end, parts of them if they are long under way or a worker is idle.
void StudyTree::report(SimpleAgent& agent) {
  const schedule::Counts counts = agent.scheduler->counts();
  const bool idle = counts.held + counts.ready < agent.scheduler->total_workers();
  std::erase_if(agent.active, [&](std::uint32_t slot) {
    Range& range = agent.ranges[slot];
    const bool late = now_ns_ - range.begun_ns > (idle ? hungry_report : partial_report).count();
    if (range.left == 0 || (late && !range.ended.empty())) report(agent, range);
    if (range.left == 0) agent.free_ranges.push_back(slot);
    return range.left == 0;
  });
}

void StudyTree::report(SimpleAgent& agent, Range& range) {
  if (range.left == 0 && !range.in_parts) range.ended = {{{}, 0, range.count}};
  std::ranges::sort(range.ended, {}, &Queued::first);
  merge(range.ended);
  // Many small parts would only keep the upper agent busy: the longest tell most.
  std::size_t told = range.ended.size();
  if (range.left != 0 && told > most_parts) {
    std::ranges::sort(range.ended, std::ranges::greater(), &Queued::count);
    told = most_parts;
  }
  std::int64_t ended = 0;
  for (const Queued& part : range.ended) ended += part.count;
  const std::int64_t time = range.run_ns / std::max<std::int64_t>(ended, 1);
  for (std::size_t i = 0; i < told; ++i) {
    const Queued& part = range.ended[i];
    const std::int64_t run_ns = time * part.count;
    agent.up.push_back({Note::Kind::finished, range.chunk, agent.number, part.first, part.count, run_ns});
    range.run_ns -= run_ns;
  }
  range.ended.erase(range.ended.begin(), range.ended.begin() + static_cast<std::ptrdiff_t>(told));
  range.in_parts = true;
  range.begun_ns = now_ns_;
}

/// One message to each whom there is something to tell.
void StudyTree::send(SimpleAgent& agent) {
  const auto post = [&](std::uint32_t to, std::vector<Note>& notes) {
    if (notes.empty()) return;
    agent.free_ns += case_.costs.message.count();
    ++agent.messages;
    deliver(agents_[to], notes, agent.free_ns + case_.costs.flight.count());
  };
  if (agent.parent != nothing) post(agent.parent, agent.up);
  for (std::uint32_t member = 0; member < agent.down.size(); ++member)
    post(agent.first_member + member, agent.down[member]);
}

void StudyTree::deliver(SimpleAgent& to, std::vector<Note>& notes, std::int64_t at_ns) {
  for (Note& note : notes) {
    note.arrival_ns = at_ns;
    to.inbox.push_back(note);
  }
  notes.clear();
  const auto index = static_cast<std::uint32_t>(&to - agents_.data());
  // One that sleeps soundly looks at its next turn; one that has an idle worker looks all the time.
  const bool hungry = to.leaf && to.scheduler->counts().held < to.members;
  look_at(index, hungry ? at_ns : at_ns + (to.leaf ? case_.costs.leaf_poll : case_.costs.poll).count());
}

void StudyTree::begin(std::uint32_t index, std::int64_t at_ns) {
  SimpleWorker& worker = workers_[index];
  Draw& draw = draws_[index / case_.tree.back()];
  worker.run_ns = 0;
  for (std::uint32_t i = 0; i < worker.queue.front().count; ++i) {
    const std::int64_t time = draw.time(case_.shape, case_.tau).count();
    longest_ns_ = std::max(longest_ns_, time);
    worker.run_ns += time;
  }
  work_ns_ += worker.run_ns;
  queue_.push(at_ns + worker.run_ns, {index, true});
}

void StudyTree::worker_done(std::uint32_t index, std::int64_t at_ns) {
  SimpleWorker& worker = workers_[index];
  now_ns_ = std::max(now_ns_, at_ns);
  SimpleAgent& agent = agents_[agent_of(index)];
  agent.finished.push_back({index, worker.queue.front(), worker.run_ns});
  worker.queue.erase(worker.queue.begin());
  worker.idle_since_ns = at_ns;
  if (!worker.queue.empty()) begin(index, at_ns);
  if (worker.queue.size() < worker.ring_below) {
    worker.ring_below = 0;
    look_at(agent_of(index), at_ns + case_.costs.wake.count());
  }
}

}  // namespace acre::simulate

#include <algorithm>
#include <memory>
#include <utility>

#include <acre/base/check.hpp>
#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/study.hpp>
#include <acre/simulate/time_wheel.hpp>

namespace acre::simulate {
namespace {

using namespace acre::schedule;

constexpr Duration partial_report = std::chrono::milliseconds(100);

/// What agents tell each other about one chunk of the upper one.
struct Note {
  enum class Kind : std::uint8_t { deal, recall, finished, back, kept } kind;
  ChunkId chunk;
  std::uint32_t member = 0;  ///< the lower one's number with the upper one
  std::uint32_t first = 0, count = 0;
  std::int64_t run_ns = 0;
};

/// Tasks of one chunk in a worker's queue.
struct Queued {
  ChunkId chunk;
  std::uint32_t first = 0, count = 0;
};

struct SimpleWorker {
  std::vector<Queued> queue;     ///< the first one runs
  std::uint32_t ring_below = 0;  ///< rings its agent once fewer chunks are queued
  std::int64_t run_ns = 0;       ///< of what runs
  std::int64_t idle_since_ns = 0;
};

/// Tasks that came from above as one chunk.
struct Range {
  ChunkId chunk;
  std::uint32_t count = 0, left = 0, generation = 0;
  bool in_parts = false;      ///< some of it was reported or given back before
  std::int64_t begun_ns = 0;  ///< dealt, or last reported
  std::int64_t run_ns = 0;    ///< of what is not reported yet
  std::vector<Queued> ended;  ///< not reported yet
};

struct SimpleAgent {
  std::unique_ptr<Scheduler> scheduler;
  std::uint32_t level = 0, parent = nothing, number = 0;  ///< number among its parent's members
  std::uint32_t first_member = 0, members = 0;            ///< agents, or workers, by index
  bool leaf = false;
  std::int64_t free_ns = 0;          ///< when it has handled what it has begun with
  std::int64_t wake_ns = INT64_MAX;  ///< the next time it looks
  std::vector<Note> inbox;           ///< with messages that have arrived by their time
  std::vector<std::int64_t> arrivals_ns;
  std::vector<Range> ranges;
  std::vector<std::uint32_t> free_ranges, active;
  std::vector<std::pair<std::uint32_t, Queued>> finished;  ///< by workers, not seen yet
  std::vector<std::int64_t> finished_ns;                   ///< their run times
  std::vector<Note> up;
  std::vector<std::vector<Note>> down;  ///< by member
  std::uint64_t messages = 0;
};

/// The tree while it runs.
class Tree {
 public:
  explicit Tree(const StudyCase& what) : case_(what) { build(); }

  StudyResult run() {
    submit();
    std::int64_t at = 0;
    while (!agents_[0].scheduler->idle()) {
      ACRE_CHECK(!queue_.empty(), "a study goes on until all tasks have ended");
      const Due due = queue_.pop(at);
      due.worker ? worker_done(due.index, at) : wake(due.index, at);
    }
    return result();
  }

 private:
  struct Due {
    std::uint32_t index;
    bool worker;
  };

  void build();
  void submit();
  StudyResult result() const;
  void look_at(std::uint32_t agent, std::int64_t at_ns);
  void wake(std::uint32_t index, std::int64_t at_ns);
  void take(SimpleAgent& agent, const Note& note);
  void step(SimpleAgent& agent, const Event& event);
  void perform(SimpleAgent& agent, const Action& action);
  void ended(SimpleAgent& agent, TaskId task, std::uint32_t first, std::uint32_t count, bool back);
  void recall_worker(SimpleAgent& agent, const Recall& recall);
  void report(SimpleAgent& agent);
  void report(SimpleAgent& agent, Range& range);
  void send(SimpleAgent& agent);
  void deliver(SimpleAgent& to, std::vector<Note>& notes, std::int64_t at_ns);
  void worker_done(std::uint32_t index, std::int64_t at_ns);
  void begin(std::uint32_t index, std::int64_t at_ns);
  std::uint32_t agent_of(std::uint32_t worker) const { return first_leaf_ + worker / case_.tree.back(); }
  Policy policy_of(std::uint32_t level) const;

  StudyCase case_;
  std::vector<SimpleAgent> agents_;  ///< level by level
  std::vector<SimpleWorker> workers_;
  std::vector<Draw> draws_;  ///< by leaf
  TimeWheel<Due> queue_;
  Actions actions_;
  std::uint32_t first_leaf_ = 0;
  std::int64_t now_ns_ = 0, work_ns_ = 0, longest_ns_ = 0;
  std::int64_t run_ns_ = 0;  ///< of what the present event tells of
};

/// Levels above the lowest cover the delays of two levels, and deal larger chunks.
Policy Tree::policy_of(std::uint32_t level) const {
  Policy policy;
  if (level + 1 == case_.tree.size()) return policy;
  const auto above = static_cast<std::int64_t>(case_.tree.size()) - 1 - level;
  policy.prefetch_target = std::chrono::milliseconds(20) + above * std::chrono::milliseconds(20);
  policy.chunk_target = std::chrono::milliseconds(5);
  policy.prefetch_max = 1 << 16;
  policy.chunk_max = 1 << 16;
  return policy;
}

void Tree::build() {
  std::uint32_t width = 1, begin = 0;
  for (std::uint32_t level = 0; level < case_.tree.size(); ++level) {
    const std::uint32_t fan_out = case_.tree[level];
    const bool leaf = level + 1 == case_.tree.size();
    std::uint32_t below = 1;
    for (std::size_t i = level + 1; i < case_.tree.size(); ++i) below *= case_.tree[i];
    if (leaf) first_leaf_ = begin;
    for (std::uint32_t i = 0; i < width; ++i) {
      SimpleAgent& agent = agents_.emplace_back();
      agent.scheduler = std::make_unique<Scheduler>(policy_of(level));
      agent.level = level;
      agent.leaf = leaf;
      agent.members = fan_out;
      agent.first_member = leaf ? i * fan_out : begin + width + i * fan_out;
      agent.number = level == 0 ? 0 : i % case_.tree[level - 1];
      agent.parent = level == 0 ? nothing : begin - width / case_.tree[level - 1] + i / case_.tree[level - 1];
      if (!leaf) agent.down.resize(fan_out);
      for (std::uint32_t member = 0; member < fan_out; ++member)
        agent.scheduler->step({}, MemberJoined{MemberId{member}, below, !leaf}, actions_);
      if (leaf) draws_.emplace_back(1, i);
    }
    begin += width;
    width *= fan_out;
  }
  workers_.resize(width);
}

void Tree::submit() {
  const std::uint64_t tasks = case_.workers() * case_.tasks_per_worker;
  step(agents_[0], Submitted{.task = make_task_id(0, 1), .count = static_cast<std::uint32_t>(tasks)});
  send(agents_[0]);
}

/// Makes the agent look for news then, unless it does so before.
void Tree::look_at(std::uint32_t index, std::int64_t at_ns) {
  SimpleAgent& agent = agents_[index];
  at_ns = std::max({at_ns, agent.free_ns, now_ns_});
  if (agent.wake_ns <= at_ns) return;
  agent.wake_ns = at_ns;
  queue_.push(at_ns, {index, false});
}

void Tree::wake(std::uint32_t index, std::int64_t at_ns) {
  SimpleAgent& agent = agents_[index];
  if (agent.wake_ns > at_ns + 1024) return;  // it has looked meanwhile
  agent.wake_ns = INT64_MAX;
  now_ns_ = std::max(at_ns, now_ns_);
  agent.free_ns = now_ns_;
  std::vector<Note> later;
  std::vector<std::int64_t> later_ns;
  const std::vector<Note> inbox = std::exchange(agent.inbox, {});
  const std::vector<std::int64_t> arrivals = std::exchange(agent.arrivals_ns, {});
  std::int64_t message_ns = -1;
  for (std::size_t i = 0; i < inbox.size(); ++i) {
    if (arrivals[i] > now_ns_) {
      later.push_back(inbox[i]);
      later_ns.push_back(arrivals[i]);
      continue;
    }
    if (arrivals[i] != message_ns || i == 0 || inbox[i].member != inbox[i - 1].member) {
      agent.free_ns += case_.costs.message.count();
      ++agent.messages;
      message_ns = arrivals[i];
    }
    take(agent, inbox[i]);
  }
  agent.inbox.insert(agent.inbox.begin(), later.begin(), later.end());
  agent.arrivals_ns.insert(agent.arrivals_ns.begin(), later_ns.begin(), later_ns.end());
  const auto finished = std::exchange(agent.finished, {});
  const auto times = std::exchange(agent.finished_ns, {});
  for (std::size_t i = 0; i < finished.size(); ++i) {
    run_ns_ = times[i];
    const Queued& done = finished[i].second;
    step(agent, Finished{done.chunk, done.first, done.count, Duration(times[i])});
  }
  if (agent.parent != nothing) report(agent);
  send(agent);
  if (agent.scheduler->idle() && agent.inbox.empty()) return;
  look_at(index, now_ns_ + (agent.leaf ? case_.costs.leaf_poll : case_.costs.poll).count());
}

void Tree::take(SimpleAgent& agent, const Note& note) {
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

void Tree::step(SimpleAgent& agent, const Event& event) {
  agent.free_ns += case_.costs.chunk.count();
  Actions actions = std::exchange(actions_, {});
  actions.clear();
  agent.scheduler->step(Instant{now_ns_}, event, actions);
  for (const Action& action : actions) perform(agent, action);
  actions_ = std::move(actions);
}

void Tree::perform(SimpleAgent& agent, const Action& action) {
  if (const auto* deal = std::get_if<Dispatch>(&action)) {
    const std::uint32_t member = index_of(deal->member);
    agent.free_ns += case_.costs.chunk.count();
    if (!agent.leaf) {
      agent.down[member].push_back({Note::Kind::deal, deal->chunk, 0, 0, deal->count, 0});
      return;
    }
    const std::uint32_t worker = agent.first_member + member;
    workers_[worker].queue.push_back({deal->chunk, 0, deal->count});
    workers_[worker].ring_below = static_cast<std::uint32_t>(workers_[worker].queue.size() / 2 + 1);
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
void Tree::ended(SimpleAgent& agent, TaskId task, std::uint32_t first, std::uint32_t count, bool back) {
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
void Tree::recall_worker(SimpleAgent& agent, const Recall& recall) {
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

/// Whole chunks are reported as they end, parts of them if they are long under way.
void Tree::report(SimpleAgent& agent) {
  std::erase_if(agent.active, [&](std::uint32_t slot) {
    Range& range = agent.ranges[slot];
    const bool late = now_ns_ - range.begun_ns > partial_report.count() && !range.ended.empty();
    if (range.left == 0 || late) report(agent, range);
    if (range.left == 0) agent.free_ranges.push_back(slot);
    return range.left == 0;
  });
}

void Tree::report(SimpleAgent& agent, Range& range) {
  if (range.left == 0 && !range.in_parts) range.ended = {{{}, 0, range.count}};
  const std::int64_t share =
      range.run_ns / std::max<std::int64_t>(static_cast<std::int64_t>(range.ended.size()), 1);
  for (const Queued& part : range.ended)
    agent.up.push_back({Note::Kind::finished, range.chunk, agent.number, part.first, part.count, share});
  range.ended.clear();
  range.run_ns = 0;
  range.in_parts = true;
  range.begun_ns = now_ns_;
}

/// One message to each whom there is something to tell.
void Tree::send(SimpleAgent& agent) {
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

void Tree::deliver(SimpleAgent& to, std::vector<Note>& notes, std::int64_t at_ns) {
  for (const Note& note : notes) {
    to.inbox.push_back(note);
    to.arrivals_ns.push_back(at_ns);
  }
  notes.clear();
  const auto index = static_cast<std::uint32_t>(&to - agents_.data());
  // One that sleeps soundly looks at its next turn; one that has an idle worker looks all the time.
  const bool hungry = to.leaf && to.scheduler->counts().held == 0;
  look_at(index, hungry ? at_ns : at_ns + (to.leaf ? case_.costs.leaf_poll : case_.costs.poll).count());
}

void Tree::begin(std::uint32_t index, std::int64_t at_ns) {
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

void Tree::worker_done(std::uint32_t index, std::int64_t at_ns) {
  SimpleWorker& worker = workers_[index];
  now_ns_ = std::max(now_ns_, at_ns);
  SimpleAgent& agent = agents_[agent_of(index)];
  agent.finished.emplace_back(index, worker.queue.front());
  agent.finished_ns.push_back(worker.run_ns);
  worker.queue.erase(worker.queue.begin());
  worker.idle_since_ns = at_ns;
  if (!worker.queue.empty()) begin(index, at_ns);
  if (worker.queue.size() < worker.ring_below) {
    worker.ring_below = 0;
    look_at(agent_of(index), at_ns + case_.costs.wake.count());
  }
}

StudyResult Tree::result() const {
  const SimpleAgent& root = agents_[0];
  const auto makespan = static_cast<double>(root.free_ns);
  const auto work = static_cast<double>(work_ns_);
  const auto count = static_cast<double>(workers_.size());
  double idle = 0;
  for (const SimpleWorker& worker : workers_) idle += makespan - static_cast<double>(worker.idle_since_ns);
  const double tasks = count * case_.tasks_per_worker;
  return {.efficiency = work / (count * makespan),
          .over_bound = makespan / std::max(work / count, static_cast<double>(longest_ns_)),
          .root_messages_per_task = static_cast<double>(root.messages) / tasks,
          .root_messages_per_s = static_cast<double>(root.messages) / makespan * 1e9,
          .tail_idle = idle / count / makespan};
}

}  // namespace

std::uint64_t StudyCase::workers() const {
  std::uint64_t product = 1;
  for (const std::uint32_t fan_out : tree) product *= fan_out;
  return product;
}

StudyResult study_tree(const StudyCase& what) { return Tree(what).run(); }

}  // namespace acre::simulate

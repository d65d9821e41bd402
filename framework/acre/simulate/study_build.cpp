// A studied tree from its making to its result.
#include <algorithm>

#include <acre/base/check.hpp>
#include <acre/simulate/study_tree.hpp>

namespace acre::simulate {

using namespace acre::schedule;

/// Levels above the lowest cover the delays of two levels, and deal larger chunks.
Policy StudyTree::policy_of(std::uint32_t level) const {
  Policy policy;
  if (level + 1 == case_.tree.size()) return policy;
  const auto above = static_cast<std::int64_t>(case_.tree.size()) - 1 - level;
  policy.prefetch_target = std::chrono::milliseconds(20) + above * std::chrono::milliseconds(20);
  policy.chunk_target = std::chrono::milliseconds(5);
  policy.prefetch_min = 8;
  policy.prefetch_max = 1 << 16;
  policy.chunk_max = 1 << 16;
  return policy;
}

void StudyTree::build() {
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

void StudyTree::submit() {
  const std::uint64_t tasks = case_.workers() * case_.tasks_per_worker;
  step(agents_[0], Submitted{.task = make_task_id(0, 1), .count = static_cast<std::uint32_t>(tasks)});
  send(agents_[0]);
}

StudyResult StudyTree::run() {
  submit();
  std::int64_t at = 0;
  while (!agents_[0].scheduler->idle()) {
    ACRE_CHECK(!queue_.empty(), "a study goes on until all tasks have ended");
    const Due due = queue_.pop(at);
    due.worker ? worker_done(due.index, at) : wake(due.index, at);
  }
  return result();
}

StudyResult StudyTree::result() const {
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

std::uint64_t StudyCase::workers() const {
  std::uint64_t product = 1;
  for (const std::uint32_t fan_out : tree) product *= fan_out;
  return product;
}

StudyResult study_tree(const StudyCase& what) { return StudyTree(what).run(); }

}  // namespace acre::simulate

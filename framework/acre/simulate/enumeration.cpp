#include <acre/simulate/enumeration.hpp>

namespace acre::simulate {

using std::chrono::milliseconds;

namespace {

/// Longer paths would mean that tasks are tossed to and fro.
constexpr int deepest = 80;

void explore(const Cluster& cluster, int depth, std::uint64_t most_steps, Enumerated& result) {
  bool more = false;
  const std::vector<std::uint64_t> choices = cluster.choices();
  for (const std::uint64_t choice : choices) {
    more = more || !cluster.is_fault(choice);
    Cluster next = cluster;
    ++result.steps;
    try {
      if (depth > deepest) throw Broken("too much happens: tasks are tossed to and fro");
      next.happen(choice);
    } catch (const Broken& broken) {
      result.broken = broken.what();
      result.trace = next.trace();
    }
    if (!result.broken.empty() || result.steps >= most_steps) return;
    explore(next, depth + 1, most_steps, result);
    if (!result.broken.empty() || result.steps >= most_steps) return;
  }
  if (more) return;
  ++result.endings;
  try {
    cluster.check_end();
  } catch (const Broken& broken) {
    result.broken = broken.what();
    result.trace = cluster.trace();
  }
}

/// One level of two workers, without delays.
Parameters small_cluster() {
  Parameters p;
  p.workers = 2;
  p.tau = milliseconds(1);
  p.root.prefetch_min = p.root.prefetch_max = 1;
  return p;
}

/// `ranges` ranges of `count` tasks each.
std::vector<Scripted> work(const Parameters& p, std::uint32_t ranges, std::uint32_t count) {
  std::vector<Scripted> script;
  for (std::uint32_t i = 0; i < ranges; ++i) {
    Assignment range;
    range.first_task = i * count;
    range.count = count;
    range.max_attempts = p.max_attempts;
    range.timeout = p.timeout;
    script.push_back({Instant{}, Submit{range}});
  }
  return script;
}

Case make(std::string name, const Parameters& p, std::uint32_t ranges, std::uint32_t count,
          const std::vector<Happening>& faults) {
  Case small{std::move(name), p, work(p, ranges, count), true};
  for (const Happening& fault : faults) small.script.push_back({Instant{}, fault});
  return small;
}

}  // namespace

std::vector<Case> small_cases() {
  std::vector<Case> cases;
  Parameters p = small_cluster();
  cases.push_back(make("three tasks", p, 3, 1, {}));
  cases.push_back(make("a range of three", p, 1, 3, {}));
  return cases;
}

Enumerated enumerate(const Case& small, std::uint64_t most_steps) {
  Enumerated result;
  explore(Cluster(small.parameters, tree_of(small.parameters), small.script, 60), 0, most_steps, result);
  return result;
}

}  // namespace acre::simulate

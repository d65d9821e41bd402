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

/// Everybody joins before anything else happens.
Cluster started(const Case& small) {
  Cluster cluster(small.parameters, tree_of(small.parameters), small.script, 60);
  const auto next = [&] {
    std::vector<std::uint64_t> choices = cluster.choices();
    std::erase_if(choices, [&](std::uint64_t choice) { return cluster.is_scripted(choice); });
    return choices;
  };
  for (auto choices = next(); !choices.empty(); choices = next()) cluster.happen(choices.front());
  return cluster;
}

/// One level of two workers, without delays.
Parameters small_cluster(std::uint32_t prefetch) {
  Parameters p;
  p.workers = 2;
  p.tau = milliseconds(1);
  p.root.prefetch_min = p.root.prefetch_max = prefetch;
  p.agent = p.root;
  p.max_attempts = 2;
  return p;
}

/// What a case works on: ranges of `count` tasks each.
struct Work {
  std::uint32_t ranges = 1, count = 1, chunk = 0;
};

Case make(std::string name, const Parameters& p, const Work& work,
          const std::vector<Happening>& faults = {}) {
  Case small{std::move(name), p, {}, true};
  for (std::uint32_t i = 0; i < work.ranges; ++i) {
    Assignment range;
    range.first_task = i * work.count;
    range.count = work.count;
    range.chunk_limit = work.chunk;
    range.max_attempts = p.max_attempts;
    range.timeout = p.timeout;
    small.script.push_back({Instant{}, Submit{range}});
  }
  for (const Happening& fault : faults) small.script.push_back({Instant{}, fault});
  return small;
}

Case long_case(Case small) {
  small.quick = false;
  return small;
}

constexpr Work three_tasks{.ranges = 3}, range_of_three{.count = 3, .chunk = 2}, two_tasks{.ranges = 2};

void add_work(std::vector<Case>& cases) {
  for (const std::uint32_t prefetch : {0u, 1u, 2u}) {
    cases.push_back(
        make("three tasks, prefetch " + std::to_string(prefetch), small_cluster(prefetch), three_tasks));
  }
  const Parameters p = small_cluster(2);
  cases.push_back(make("a range of three in chunks", p, range_of_three));
  cases.push_back(make("a member joins late", p, three_tasks, {Join{2}}));
  cases.push_back(make("a chunk is taken apart", p, {.count = 3, .chunk = 3}, {Join{2}}));
}

void add_faults(std::vector<Case>& cases) {
  Parameters p = small_cluster(1);
  p.habits.tells_start = false;
  cases.push_back(make("a silent worker dies", p, three_tasks, {Die{1}}));
  cases.push_back(make("two deaths of silent workers", p, two_tasks, {Die{1}, Die{1}}));
  p.habits.tells_start = true;
  cases.push_back(long_case(make("a worker with chunks dies", p, range_of_three, {Die{1}})));
  cases.push_back(make("a worker leaves", p, three_tasks, {Leave{1}}));
  cases.push_back(make("cancel", p, three_tasks, {Cancel{1}}));
  cases.push_back(make("cancel of a range", p, range_of_three, {Cancel{0}}));
  cases.push_back(make("cancel of one in a range", p, range_of_three, {Cancel{1, false, true}}));
  cases.push_back(long_case(make("cancel and kill", p, range_of_three, {Cancel{0, true}})));
  cases.push_back(long_case(make("cancel and a death", p, two_tasks, {Cancel{1}, Die{1}})));
  cases.push_back(long_case(make("drain", p, three_tasks, {Drain{}})));
  cases.push_back(long_case(make("drain and a death", p, two_tasks, {Drain{}, Die{1}})));
}

void add_failures(std::vector<Case>& cases) {
  Parameters p = small_cluster(1);
  p.retries = 1;
  cases.push_back(make("all fail once", p, two_tasks));
  p.root.backoff = milliseconds(1);
  cases.push_back(make("all fail once, with backoff", p, two_tasks));
  p = small_cluster(1);
  p.killers = 1;
  p.habits.tells_start = false;
  cases.push_back(make("all kill their workers", p, two_tasks));
  p.root.max_strikes = 1;
  cases.push_back(make("quarantine", p, two_tasks));
  p = small_cluster(1);
  p.timeout = milliseconds(5);
  p.max_attempts = 1;
  cases.push_back(make("timeouts", p, two_tasks));
  p.max_attempts = 2;
  p.timeouts = p.hangs = 1;
  cases.push_back(long_case(make("all hang", p, two_tasks)));
  p = small_cluster(0);
  p.root.speculate_after = 2;
  cases.push_back(make("speculation", p, two_tasks));
  cases.push_back(long_case(make("speculation and a death", p, two_tasks, {Die{1}})));
}

void add_levels(std::vector<Case>& cases) {
  Parameters p = small_cluster(1);
  p.levels = 2;
  p.fan_out = 1;
  cases.push_back(make("an agent", p, two_tasks));
  cases.push_back(make("an agent, cancel and kill", p, two_tasks, {Cancel{0, true}}));
  cases.push_back(long_case(make("an agent dies", p, two_tasks, {Die{1}})));
  p.fan_out = 2;
  p.workers = 1;
  cases.push_back(make("two agents, one late", p, {.count = 3}, {Join{3}}));
}

}  // namespace

std::vector<Case> small_cases() {
  std::vector<Case> cases;
  add_work(cases);
  add_faults(cases);
  add_failures(cases);
  add_levels(cases);
  return cases;
}

Enumerated enumerate(const Case& small, std::uint64_t most_steps) {
  Enumerated result;
  explore(started(small), 0, most_steps, result);
  return result;
}

}  // namespace acre::simulate

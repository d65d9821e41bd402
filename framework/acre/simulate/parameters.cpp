#include <array>

#include <fmt/format.h>

#include <acre/simulate/parameters.hpp>
#include <acre/simulate/words.hpp>

namespace acre::simulate {

using schedule::Policy;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

Policy draw_policy(Draw& draw, Duration tau) {
  Policy policy;
  policy.prefetch_target = tau * draw.one_of({0u, 1u, 4u, 20u});
  policy.low_water = draw.between(0, 4) / 4.0;
  policy.prefetch_min = draw.between(0, 2);
  policy.prefetch_max = policy.prefetch_min + draw.one_of({0u, 1u, 4u, 500u});
  policy.chunk_target = tau * draw.one_of({0u, 1u, 3u, 30u});
  policy.chunk_max = draw.one_of({1u, 3u, 256u});
  if (draw.chance(0.2)) policy.max_strikes = draw.between(1, 3);
  if (draw.chance(0.3)) policy.backoff = tau * draw.between(1, 5);
  if (draw.chance(0.1)) policy.max_unborn = draw.between(1, 5);
  if (draw.chance(0.1)) policy.max_fruitless = draw.between(1, 5);
  return policy;
}

void draw_tree(Parameters& p, Draw& draw) {
  p.levels = draw.one_of({1u, 1u, 1u, 2u, 2u, 3u});
  p.fan_out = draw.between(1, p.levels == 3 ? 3 : 5);
  p.workers = p.levels == 1 ? draw.between(1, 12) : draw.between(2, 5);
  if (p.levels > 1 && draw.chance(0.5)) p.own_workers = draw.between(1, 3);
}

void draw_tasks(Parameters& p, Draw& draw) {
  p.tau = draw.one_of({microseconds(10), microseconds(1000), microseconds(10000)});
  p.times = static_cast<Shape>(draw.between(0, shapes - 1));
  const bool many = draw.chance(0.03);
  p.ranges = draw.one_of({1u, 3u, 10u, 40u});
  p.largest_range = draw.one_of({1u, 4u, 20u, many ? 1000u : 60u});
  p.submit_over = draw.chance(0.5) ? Duration{} : p.tau * draw.between(1, 30);
  p.max_attempts = draw.between(1, 4);
  p.priorities = draw.chance(0.3);
  p.hints = draw.chance(0.3);
  p.fixed_chunks = draw.chance(0.2);
  if (draw.chance(0.3)) p.timeouts = draw.chance(0.5) ? 1 : 0.5;
  p.timeout = p.tau * draw.between(3, 20) + milliseconds(draw.between(0, 3));
  if (draw.chance(0.3)) p.failures = 0.1;
  if (draw.chance(0.3)) p.retries = 0.2;
  if (draw.chance(0.3)) p.killers = 0.05;
  if (p.timeouts != 0 && draw.chance(0.7)) p.hangs = 0.1;
}

void draw_faults(Parameters& p, Draw& draw) {
  const std::uint32_t tasks = p.ranges * (1 + p.largest_range) / 2;
  p.calm = p.tau * (5 + tasks / (1 + p.workers)) + 10 * p.delay;
  if (draw.chance(0.3)) p.slow = 0.3;
  if (draw.chance(0.5)) p.worker_deaths = draw.between(1, 10);
  if (draw.chance(0.3) && p.levels > 1) p.agent_deaths = draw.between(1, 3);
  if (draw.chance(0.3)) p.leaves = draw.between(1, 3);
  if (draw.chance(0.3)) p.late_joins = draw.between(1, 4);
  if (draw.chance(0.3)) p.cancels = draw.between(1, 5);
  if (draw.chance(0.3)) p.blameless = 0.3;
  if (draw.chance(0.2)) p.unborn = 0.3;
  p.new_names = draw.chance(0.5);
  p.late_words = draw.chance(0.2);
  p.drain = draw.chance(0.2);
  p.drain_after = Duration(p.calm.count() * draw.between(0, 100) / 100);
  p.drain_notice = draw.chance(0.5) ? Duration{} : p.tau * draw.between(1, 20);
  p.rebirth = p.tau * draw.between(0, 5);
}

}  // namespace

namespace {

const char* name_of(Shape shape) {
  static constexpr std::array<const char*, shapes> names{"constant", "uniform", "exponential", "log-normal",
                                                         "bimodal"};
  return names[static_cast<std::size_t>(shape)];
}

std::string policy_words(const Policy& p) {
  return fmt::format(
      "prefetch {} ({}..{}), low water {:g}, chunks {} (..{}), strikes {}, backoff {}, breaks after {} "
      "unborn "
      "or {} fruitless, speculates after {:g}",
      words(p.prefetch_target), p.prefetch_min, p.prefetch_max, p.low_water, words(p.chunk_target),
      p.chunk_max, p.max_strikes, words(p.backoff), p.max_unborn, p.max_fruitless, p.speculate_after);
}

}  // namespace

std::string words(const Parameters& p) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("{:<24} {}\n", name, value);
  };
  const auto number = [&](const char* name, double value) { line(name, fmt::format("{:g}", value)); };
  line("seed", std::to_string(p.seed));
  number("levels", p.levels);
  number("agents per scheduler", p.levels == 1 ? 0 : p.fan_out);
  number("workers per scheduler", p.workers);
  number("workers of the root", p.own_workers);
  line("policy of the root", policy_words(p.root));
  line("policy of agents", policy_words(p.agent));
  line("workers tell the start", p.habits.tells_start ? "yes" : "no");
  number("results told together", p.habits.batch);
  line("report interval", words(p.report_interval));
  number("ranges", p.ranges);
  number("largest range", p.largest_range);
  line("submitted within", words(p.submit_over));
  line("task times", fmt::format("{}, mean {}", name_of(p.times), words(p.tau)));
  number("attempts", p.max_attempts);
  line("priorities", p.priorities ? "yes" : "no");
  line("expected times", p.hints ? "some" : "no");
  line("fixed chunks", p.fixed_chunks ? "some" : "no");
  line("timeouts", fmt::format("{:g} of {}", p.timeouts, words(p.timeout)));
  line("exceptions", fmt::format("{:g} for good, {:g} to be retried", p.failures, p.retries));
  line("tasks that kill or hang", fmt::format("{:g}, {:g}", p.killers, p.hangs));
  line("message delays", fmt::format("{}, mean {}", name_of(p.delays), words(p.delay)));
  number("slow workers", p.slow);
  line("deaths", fmt::format("{} of workers, {} of agents, {:g} blameless, {:g} unborn", p.worker_deaths,
                             p.agent_deaths, p.blameless, p.unborn));
  line("leave, join late", fmt::format("{}, {}", p.leaves, p.late_joins));
  line("reborn", fmt::format("after {}, {} names", words(p.rebirth), p.new_names ? "new" : "old"));
  line("late last words", p.late_words ? "yes" : "no");
  number("cancels", p.cancels);
  line("drain",
       p.drain ? fmt::format("after {}, within {}", words(p.drain_after), words(p.drain_notice)) : "no");
  line("faults stop", "after " + words(p.calm));
  number("checks itself every", p.check_every);
  return text;
}

Parameters draw_parameters(std::uint64_t seed) {
  Draw draw(seed, 0);
  Parameters p;
  p.seed = seed;
  draw_tree(p, draw);
  draw_tasks(p, draw);
  p.root = draw_policy(draw, p.tau);
  p.agent = draw_policy(draw, p.tau);
  if (draw.chance(0.3)) p.root.speculate_after = draw.between(1, 5);
  if (draw.chance(0.2)) p.agent.speculate_after = draw.between(1, 5);
  p.habits.tells_start = p.timeouts != 0 || draw.chance(0.7);
  p.habits.batch = draw.one_of({1u, 1u, 4u, 100u});
  p.report_interval = draw.chance(0.5) ? Duration{} : p.tau * draw.between(1, 10);
  p.delays = static_cast<Shape>(draw.between(0, shapes - 1));
  p.delay = draw.one_of({0, 1, 10, 100}) * p.tau / 10;
  draw_faults(p, draw);
  p.check_every = draw.one_of({1u, 7u, 30u, 30u});
  return p;
}

namespace {

/// Everything with a node of its own has its place: first agents, then workers, level by level.
void add_below(std::vector<Place>& tree, const Parameters& p, std::uint32_t parent, std::uint32_t level) {
  if (level == p.levels) {
    tree.insert(tree.end(), p.workers, {parent, true});
    return;
  }
  for (std::uint32_t i = 0; i < p.fan_out; ++i) {
    tree.push_back({parent, false});
    add_below(tree, p, static_cast<std::uint32_t>(tree.size() - 1), level + 1);
  }
}

Assignment draw_range(const Parameters& p, Draw& draw) {
  Assignment range;
  range.count = draw.between(1, p.largest_range);
  range.max_attempts = p.max_attempts;
  if (p.priorities) range.priority = static_cast<int>(draw.between(0, 3)) - 1;
  if (p.hints && draw.chance(0.5)) range.expected = p.tau * draw.between(1, 4);
  if (p.fixed_chunks && draw.chance(0.5)) range.chunk_limit = draw.between(1, 10);
  if (draw.chance(p.timeouts)) range.timeout = p.timeout;
  return range;
}

}  // namespace

std::vector<Place> tree_of(const Parameters& parameters) {
  std::vector<Place> tree{{0, false}};
  tree.insert(tree.end(), parameters.own_workers, {0, true});
  add_below(tree, parameters, 0, 1);
  return tree;
}

std::vector<Scripted> draw_script(const Parameters& p, const std::vector<Place>& tree) {
  Draw draw(p.seed, 1);
  std::vector<Scripted> script;
  std::uint32_t tasks = 0;
  const auto within = [&](Duration most) {
    return Instant{static_cast<std::int64_t>(most.count() / 1000 * draw.between(0, 1000))};
  };
  for (std::uint32_t i = 0; i < p.ranges; ++i) {
    Assignment range = draw_range(p, draw);
    range.first_task = tasks;
    tasks += range.count;
    script.push_back({within(p.submit_over), Submit{range}});
  }
  const auto any = [&](bool worker) {
    std::uint32_t node = 0;
    while (node == 0 || tree[node].worker != worker) {
      node = draw.between(1, static_cast<std::uint32_t>(tree.size()) - 1);
    }
    return node;
  };
  for (std::uint32_t i = 0; i < p.worker_deaths; ++i) {
    script.push_back({within(p.calm), Die{any(true), draw.chance(p.blameless)}});
  }
  for (std::uint32_t i = 0; i < p.agent_deaths; ++i) script.push_back({within(p.calm), Die{any(false)}});
  for (std::uint32_t i = 0; i < p.leaves; ++i) script.push_back({within(p.calm), Leave{any(true)}});
  for (std::uint32_t i = 0; i < p.late_joins; ++i) script.push_back({within(p.calm), Join{any(true)}});
  for (std::uint32_t i = 0; i < p.cancels; ++i) {
    script.push_back(
        {within(p.calm), Cancel{draw.between(0, tasks - 1), draw.chance(0.5), draw.chance(0.5)}});
  }
  if (p.drain) script.push_back({Instant{} + p.drain_after, Drain{p.drain_notice}});
  return script;
}

}  // namespace acre::simulate

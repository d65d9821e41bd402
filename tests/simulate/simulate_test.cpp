// Simulated clusters: many seeds, the same again for the same seed, and every order of events in small cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include <acre/simulate/enumeration.hpp>
#include <acre/simulate/sweep.hpp>

namespace acre::simulate {
namespace {

TEST(Sweep, seeds_pass) {
  std::string broken;
  const Totals totals = sweep(0, 3000, 1, [&](const Verdict& verdict) {
    broken += "seed " + std::to_string(verdict.seed) + ": " + verdict.broken + "\n" + verdict.trace;
  });
  EXPECT_EQ(broken, "");
  EXPECT_EQ(totals.seeds, 3000u);
  EXPECT_EQ(totals.failed, 0u);
  EXPECT_GT(totals.tasks, 300'000u);
  EXPECT_GT(totals.events, 5 * totals.tasks / 2);
}

TEST(Sweep, threads_share_the_seeds) {
  const auto ignore = [](const Verdict&) {};
  const Totals one = sweep(100, 200, 1, ignore), three = sweep(100, 200, 3, ignore);
  EXPECT_EQ(three.seeds, 100u);
  EXPECT_EQ(one.tasks, three.tasks);
  EXPECT_EQ(one.events, three.events);
}

TEST(Seed, is_all_that_a_run_depends_on) {
  constexpr std::size_t everything = 1'000'000;
  for (const std::uint64_t seed : {7u, 8u, 9u}) {
    const Verdict first = run_seed(seed, everything), again = run_seed(seed, everything);
    EXPECT_NE(first.trace, "");
    EXPECT_EQ(first.trace, again.trace);
    EXPECT_EQ(first.summary.end, again.summary.end);
    EXPECT_EQ(words(draw_parameters(seed)), words(draw_parameters(seed)));
  }
  EXPECT_NE(run_seed(7, everything).trace, run_seed(8, everything).trace);
}

// Kinds of faults are switched on and off as a whole, and every size of tree is drawn.
TEST(Seed, switches_kinds_of_faults) {
  std::array<std::uint32_t, 4> levels{};
  std::uint32_t deaths = 0, hangs = 0, drains = 0, late = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Parameters p = draw_parameters(seed);
    ++levels.at(p.levels);
    deaths += p.worker_deaths != 0 ? 1 : 0;
    hangs += p.hangs != 0 ? 1 : 0;
    drains += p.drain ? 1 : 0;
    late += p.late_words ? 1 : 0;
  }
  EXPECT_GT(levels[1], 100u);
  EXPECT_GT(levels[2], 60u);
  EXPECT_GT(levels[3], 30u);
  for (const std::uint32_t count : {deaths, hangs, drains, late}) {
    EXPECT_GT(count, 30u);
    EXPECT_LT(count, 300u);
  }
}

/// Without faults and delays: `tasks` tasks of 1 ms in one range.
struct Quiet {
  Parameters parameters;
  std::vector<Scripted> script;
  explicit Quiet(std::uint32_t tasks) {
    parameters.tau = std::chrono::milliseconds(1);
    Assignment range;
    range.count = tasks;
    script.push_back({Instant{}, Submit{range}});
  }
  Duration makespan() const {
    return Cluster(parameters, tree_of(parameters), script, 0).run().end - Instant{};
  }
};

TEST(Makespan, workers_share_equal_tasks_evenly) {
  for (const std::uint32_t workers : {1u, 2u, 7u, 16u}) {
    for (const std::uint32_t tasks : {1u, 2u, 50u, 333u}) {
      Quiet quiet(tasks);
      quiet.parameters.workers = workers;
      const std::uint32_t turns = (tasks + workers - 1) / workers;
      EXPECT_LE(quiet.makespan(), std::chrono::milliseconds(turns + 1)) << workers << " workers, " << tasks;
    }
  }
}

TEST(Makespan, agents_share_equal_tasks_evenly) {
  for (const std::uint32_t levels : {2u, 3u}) {
    Quiet quiet(400);
    quiet.parameters.levels = levels;
    quiet.parameters.fan_out = 2;
    quiet.parameters.workers = 5;
    const std::uint32_t workers = levels == 2 ? 10 : 20;
    EXPECT_LE(quiet.makespan(), std::chrono::milliseconds(400 / workers + 3)) << levels << " levels";
  }
}

// Everything was dealt to the first worker before the second one came: half of it is taken back.
TEST(Makespan, who_joins_late_gets_half) {
  Quiet quiet(100);
  quiet.parameters.workers = 2;
  quiet.parameters.root.prefetch_min = quiet.parameters.root.prefetch_max = 100;
  quiet.script.push_back({Instant{} + std::chrono::milliseconds(10), Join{2}});
  EXPECT_LE(quiet.makespan(), std::chrono::milliseconds(57));
}

TEST(Enumeration, small_cases_pass) {
  std::uint64_t cases = 0;
  for (const Case& small : small_cases()) {
    if (!small.quick) continue;
    const Enumerated result = enumerate(small);
    EXPECT_EQ(result.broken, "") << small.name << "\n" << result.trace;
    EXPECT_GT(result.endings, 30u) << small.name;
    ++cases;
  }
  EXPECT_GE(cases, 15u);
}

TEST(Enumeration, stops_after_as_many_steps_as_it_may_take) {
  EXPECT_EQ(enumerate(small_cases().front(), 10).steps, 10u);
}

}  // namespace
}  // namespace acre::simulate

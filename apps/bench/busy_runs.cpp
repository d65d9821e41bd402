#include "busy_runs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bench {
namespace {
// Of the many runs of a search or a curve.
constexpr double short_run_us = 60'000;
}  // namespace

// The first tasks wake all workers before anything is measured.
BusyRuns::BusyRuns(const Options& options, std::string suffix, Farm farm)
    : options_(options),
      suffix_(std::move(suffix)),
      farm_(std::move(farm)),
      taken_("cores taken by others" + suffix_, "") {
  farm_(std::vector<std::uint64_t>(static_cast<std::size_t>(options.cores) * 100, 20'000));
}

// Long tasks last longer, so that the last one of each worker weighs little.
std::vector<std::uint64_t> BusyRuns::tasks_of(const Load& load, double turns_per_us) const {
  const double run_us = options_.scale * std::max(load.run_us, 100 * load.task_us);
  const auto tasks = static_cast<std::size_t>(std::max(run_us / load.task_us, 1.0));
  std::vector<std::uint64_t> items(tasks * static_cast<std::size_t>(options_.cores));
  acre::Random random(1, 0, 0);
  for (std::uint64_t& item : items) {
    const double us = load.uniform ? 2 * load.task_us * random.uniform() : load.task_us;
    item = static_cast<std::uint64_t>(std::llround(us * turns_per_us));
  }
  return items;
}

// How fast the cores are now. What others do to them changes within seconds, so each run stands between two
// of these.
double BusyRuns::calibrate() {
  const Speed speed = speed_of(std::min(options_.cores, options_.local_cores));
  taken_.add(speed.taken);
  return speed.turns_per_us;
}

Yield BusyRuns::run(const Load& load) {
  const double before = turns_per_us_;
  const std::vector<std::uint64_t> items = tasks_of(load, before);
  const double cores_us = 1e6 * seconds([&] { farm_(items); }) * options_.cores;
  const double turns = std::accumulate(items.begin(), items.end(), 0.0);
  turns_per_us_ = calibrate();
  return {turns / std::midpoint(before, turns_per_us_) / cores_us,
          cores_us / static_cast<double>(items.size())};
}

void BusyRuns::figure(const std::string& name, const Load& load, int runs) {
  Figure figure(name + suffix_, "");
  figure.at(load.task_us, "us");
  turns_per_us_ = calibrate();
  for (int i = 0; i < runs; ++i) figure.add(run(load).efficiency);
  figure.print(options_);
}

void BusyRuns::efficiency(const Load& load) {
  figure(load.uniform ? "efficiency, uniform" : "efficiency", load, options_.runs);
}

void BusyRuns::efficiencies() {
  for (const double us : {5.0, 20.0, 100.0, 1000.0, 10'000.0}) efficiency({.task_us = us});
  efficiency({.task_us = 1000, .uniform = true});
}

void BusyRuns::curve() {
  for (int power = 10; power >= -3; --power)
    figure("efficiency curve", {.task_us = std::ldexp(1.0, power), .run_us = short_run_us},
           std::min(3, options_.runs));
}

// Down by quarters to where the cores are less than half busy, then closer by bisection of the logarithm.
std::optional<BusyRuns::Least> BusyRuns::search() {
  constexpr double longest_us = 1024, shortest_us = 0.02, close = 1.05;
  std::optional<Least> enough;
  double too_short = 0;
  turns_per_us_ = calibrate();
  const auto is_enough = [&](double us) {
    const Yield yield = run({.task_us = us, .run_us = short_run_us});
    if (yield.efficiency >= 0.5)
      enough = Least{us, yield.granularity_us};
    else
      too_short = us;
    return yield.efficiency >= 0.5;
  };
  for (double us = longest_us; us >= shortest_us && is_enough(us);) us /= 4;
  while (enough && too_short > 0 && enough->task_us / too_short > close)
    is_enough(std::sqrt(enough->task_us * too_short));
  return enough;
}

// E. Slaughter et al., Task Bench, SC20: the minimum effective task granularity. METG(50 %) here is the mean
// time that a task works at half efficiency; the paper's own scale, time × cores / tasks at that point, is
// twice as long and comes beside it.
void BusyRuns::metg() {
  Figure task("METG(50 %)" + suffix_, "us"), granularity("time x cores / tasks there" + suffix_, "us");
  for (int i = 0; i < options_.runs; ++i) {
    const std::optional<Least> least = search();
    if (!least) return;
    task.add(least->task_us);
    granularity.add(least->granularity_us);
  }
  task.print(options_);
  granularity.print(options_);
}

}  // namespace bench

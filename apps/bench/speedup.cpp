// Real work over more and more workers, beside what the machine itself gives to as many busy processes.
#include <algorithm>

#include "busy.hpp"
#include "commands.hpp"
#include "pi/kernel.hpp"
#include "tiles.hpp"

namespace bench {
namespace {
std::uint64_t hits(acre::Context& context, std::uint64_t samples) {
  return pi::count_hits(context.key(), context.index(), samples);
}

double pi_seconds(acre::Executor& executor, const Options& options) {
  const std::vector<std::uint64_t> items(options.scaled<std::size_t>(2000), 1'000'000);
  std::uint64_t sum = 0;
  const double taken = seconds([&] {
    for (const std::uint64_t y : executor.map<hits>(items)) sum += y;
  });
  if (sum == 0) throw acre::Error("no sample of pi hit the circle");
  return taken;
}

/// The same work over one worker and over several, in turn.
struct Farm {
  acre::Executor pi;
  Tiles tiles;
  int workers;
};
}  // namespace

void speedup(acre::Session& session, const Options& options) {
  const auto farm_of = [&](int workers) {
    return Farm{session.executor({.workers = workers}), Tiles(session, workers, Tiles::rows(options)),
                workers};
  };
  Farm one = farm_of(1);
  pi_seconds(one.pi, options);
  for (int workers = std::min(2, options.workers); workers <= options.workers; workers *= 2) {
    Farm several = farm_of(workers);
    pi_seconds(several.pi, options);
    Figure pi("speed-up, pi", ""), tiles("speed-up, tiles", ""), machine("speed-up, busy processes", "");
    for (Figure* figure : {&pi, &tiles, &machine}) figure->at(workers, "workers");
    for (int run = 0; run < options.runs; ++run) {
      pi.add(pi_seconds(one.pi, options) / pi_seconds(several.pi, options));
      tiles.add(one.tiles.run() / several.tiles.run());
      machine.add(workers * speed_of(workers, 200).turns_per_us / speed_of(1, 200).turns_per_us);
    }
    for (const Figure* figure : {&pi, &tiles, &machine}) figure->print(options);
  }
}

}  // namespace bench

// How much of the cores' time is work, by the length of the tasks, in maps and submitted one by one.
#include "busy_runs.hpp"
#include "commands.hpp"

namespace bench {
namespace {
std::uint64_t work(std::uint64_t turns) { return turn(turns); }

void map_all(acre::Executor& executor, const std::vector<std::uint64_t>& items) {
  for ([[maybe_unused]] const std::uint64_t y : executor.map_unordered<work>(items)) continue;
}

void submit_all(acre::Executor& executor, const std::vector<std::uint64_t>& items) {
  std::vector<acre::Future<std::uint64_t>> futures;
  futures.reserve(items.size());
  for (const std::uint64_t item : items) futures.push_back(executor.submit<work>(item));
  for (const auto& future : futures) future.get();
}

/// Calls `measure` with runs by map, then with runs by submit.
void both_ways(acre::Session& session, const Options& options,
               const std::function<void(BusyRuns& runs)>& measure) {
  auto executor = session.executor({.workers = options.workers});
  BusyRuns maps(options, "", [&](const auto& items) { map_all(executor, items); });
  measure(maps);
  maps.taken();
  BusyRuns submits(options, " of submits", [&](const auto& items) { submit_all(executor, items); });
  measure(submits);
  submits.taken();
}
}  // namespace

void efficiency(acre::Session& session, const Options& options) {
  both_ways(session, options, [](BusyRuns& runs) { runs.efficiencies(); });
}

void metg(acre::Session& session, const Options& options) {
  both_ways(session, options, [](BusyRuns& runs) {
    runs.metg();
    runs.curve();
  });
}

}  // namespace bench

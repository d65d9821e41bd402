#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include <acre/simulate/parameters.hpp>
#include <acre/simulate/sweep.hpp>

namespace acre::simulate {
namespace {

thread_local std::uint64_t current_seed = 0;
thread_local const Cluster* current_cluster = nullptr;

}  // namespace

Verdict run_seed(std::uint64_t seed, std::size_t traced) {
  const Parameters parameters = draw_parameters(seed);
  const std::vector<Place> tree = tree_of(parameters);
  Cluster cluster(parameters, tree, draw_script(parameters, tree), traced);
  current_seed = seed;
  current_cluster = &cluster;
  Verdict verdict{.seed = seed, .summary = {}, .broken = {}, .trace = {}};
  try {
    verdict.summary = cluster.run();
  } catch (const Broken& broken) {
    verdict.broken = broken.what();
  }
  current_cluster = nullptr;
  if (traced > 30 || !verdict.broken.empty()) verdict.trace = cluster.trace();
  return verdict;
}

std::string running_seed() {
  if (current_cluster == nullptr) return {};
  return fmt::format("{}seed {}: aborted", current_cluster->trace(), current_seed);
}

Totals sweep(std::uint64_t first, std::uint64_t end, unsigned threads,
             const std::function<void(const Verdict&)>& failed) {
  std::atomic<std::uint64_t> next = first;
  std::mutex mutex;
  Totals totals;
  const auto run = [&] {
    Totals own;
    for (std::uint64_t seed = next++; seed < end; seed = next++) {
      const Verdict verdict = run_seed(seed);
      ++own.seeds;
      own.tasks += verdict.summary.tasks;
      own.events += verdict.summary.events;
      if (verdict.broken.empty()) continue;
      ++own.failed;
      const std::lock_guard lock(mutex);
      failed(verdict);
    }
    const std::lock_guard lock(mutex);
    totals.seeds += own.seeds;
    totals.failed += own.failed;
    totals.tasks += own.tasks;
    totals.events += own.events;
  };
  std::vector<std::thread> crew;
  for (unsigned i = 1; i < threads; ++i) crew.emplace_back(run);
  run();
  for (std::thread& one : crew) one.join();
  return totals;
}

}  // namespace acre::simulate

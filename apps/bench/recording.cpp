// What recording costs: the same map with and without a campaign.
#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "busy.hpp"
#include "commands.hpp"

namespace bench {
namespace {
std::uint64_t work(std::uint64_t turns) { return turn(turns); }

double recorded(acre::Session& session, acre::Executor& executor, const std::vector<std::uint64_t>& items) {
  const std::string path = "acre-bench-" + std::to_string(::getpid()) + ".h5";
  std::uint64_t sum = 0;
  const double taken = seconds([&] {
    auto campaign = session.campaign(path, {.name = "bench", .progress = false});
    for (const std::uint64_t y : campaign.map<work>(executor, "work", items)) sum += y;
    campaign.finish();
  });
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".journal");
  return taken;
}

double plain(acre::Executor& executor, const std::vector<std::uint64_t>& items) {
  std::uint64_t sum = 0;
  return seconds([&] {
    for (const std::uint64_t y : executor.map<work>(items)) sum += y;
  });
}
}  // namespace

// A recorded run stands between two plain ones, as the machine is faster at times.
void results(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure cost("recording, part of the time of 1 ms tasks", "");
  const double turns_per_us = speed_of(std::min(options.cores, options.local_cores)).turns_per_us;
  const std::vector<std::uint64_t> items(
      options.scaled<std::size_t>(1500 * static_cast<std::size_t>(options.cores)),
      static_cast<std::uint64_t>(1000 * turns_per_us));
  double before = plain(executor, items);
  for (int run = 0; run < options.runs; ++run) {
    const double taken = recorded(session, executor, items), after = plain(executor, items);
    cost.add(taken / std::midpoint(before, after) - 1);
    before = after;
  }
  cost.print(options);
  Figure rate("small records, journal and HDF5 on", "records/s");
  const std::vector<std::uint64_t> many(options.scaled<std::size_t>(500'000), 1);
  for (int run = 0; run < options.runs; ++run)
    rate.add(static_cast<double>(many.size()) / recorded(session, executor, many));
  rate.print(options);
}

}  // namespace bench

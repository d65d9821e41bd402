// What recording costs: the same map with and without a campaign.
#include <unistd.h>

#include <filesystem>

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
}  // namespace

void results(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  std::uint64_t sum = 0;
  Figure cost("recording, part of the time of 1 ms tasks", "");
  for (int run = 0; run < options.runs; ++run) {
    const double turns_per_us = speed_of(std::min(options.cores, options.local_cores)).turns_per_us;
    const std::vector<std::uint64_t> items(
        options.scaled<std::size_t>(1000 * static_cast<std::size_t>(options.cores)),
        static_cast<std::uint64_t>(1000 * turns_per_us));
    const double plain = seconds([&] {
      for (const std::uint64_t y : executor.map<work>(items)) sum += y;
    });
    cost.add(recorded(session, executor, items) / plain - 1);
  }
  cost.print(options);
  Figure rate("small records, journal and HDF5 on", "records/s");
  const std::vector<std::uint64_t> many(options.scaled<std::size_t>(500'000), 1);
  for (int run = 0; run < options.runs; ++run)
    rate.add(static_cast<double>(many.size()) / recorded(session, executor, many));
  rate.print(options);
}

}  // namespace bench

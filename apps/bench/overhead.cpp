// What a task costs on its way: alone, one by one, and in a map.
#include <numeric>

#include "commands.hpp"

namespace bench {
namespace {
std::uint64_t nothing(std::uint64_t x) { return x; }
}  // namespace

void round_trip(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("round trip", "us");
  const auto tasks = options.scaled<std::uint64_t>(20'000);
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(1e6 / static_cast<double>(tasks) * seconds([&] {
                 for (std::uint64_t i = 0; i < tasks; ++i) sum += executor.submit<nothing>(i).get();
               }));
  figure.print(options);
}

void submit(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("submits", "tasks/s");
  const auto tasks = options.scaled<std::uint64_t>(300'000);
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(static_cast<double>(tasks) / seconds([&] {
                 std::vector<acre::Future<std::uint64_t>> futures;
                 futures.reserve(tasks);
                 for (std::uint64_t i = 0; i < tasks; ++i) futures.push_back(executor.submit<nothing>(i));
                 for (const auto& future : futures) sum += future.get();
               }));
  figure.print(options);
}

void map(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("map", "items/s");
  std::vector<std::uint64_t> items(options.scaled<std::size_t>(1'000'000));
  std::iota(items.begin(), items.end(), 0);
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(static_cast<double>(items.size()) / seconds([&] {
                 for (const std::uint64_t y : executor.map<nothing>(items)) sum += y;
               }));
  figure.print(options);
}

}  // namespace bench

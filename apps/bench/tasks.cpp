// What a task costs on its way.
#include <numeric>

#include "measure.hpp"

namespace bench {
namespace {
std::uint64_t nothing(std::uint64_t x) { return x; }
std::uint64_t work(std::uint64_t turns) { return turn(turns); }
}  // namespace

void round_trip(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("round trip, one task in flight", "us");
  constexpr int tasks = 20'000;
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(1e6 / tasks * seconds([&] {
                 for (std::uint64_t i = 0; i < tasks; ++i) sum += executor.submit<nothing>(i).get();
               }));
  figure.print();
}

void submit(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("single submits, then results", "tasks/s");
  constexpr std::uint64_t tasks = 300'000;
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(tasks / seconds([&] {
                 std::vector<acre::Future<std::uint64_t>> futures;
                 futures.reserve(tasks);
                 for (std::uint64_t i = 0; i < tasks; ++i) futures.push_back(executor.submit<nothing>(i));
                 for (const auto& future : futures) sum += future.get();
               }));
  figure.print();
}

void map(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  Figure figure("map of a trivial function", "items/s");
  std::vector<std::uint64_t> items(1'000'000);
  std::iota(items.begin(), items.end(), 0);
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (int run = 0; run < options.runs; ++run)
    figure.add(static_cast<double>(items.size()) / seconds([&] {
                 for (const std::uint64_t y : executor.map<nothing>(items)) sum += y;
               }));
  figure.print();
}

// Work done divided by what the workers could have done in the time: tasks are counted turns, not a watched
// clock.
void efficiency(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  const double rate = turns_per_us();
  std::uint64_t sum = executor.submit<nothing>(1).get();
  for (const double task_us : {5.0, 20.0, 100.0, 1000.0, 10000.0}) {
    Figure figure("efficiency, tasks of " + std::to_string(static_cast<int>(task_us)) + " us", "");
    const int workers = options.workers * session.nodes();
    const double total_us = 500'000.0 * workers;
    const std::vector<std::uint64_t> items(static_cast<std::size_t>(total_us / task_us),
                                           static_cast<std::uint64_t>(rate * task_us));
    for (int run = 0; run < options.runs; ++run) {
      const double taken = seconds([&] {
        for (const std::uint64_t y : executor.map_unordered<work>(items)) sum += y;
      });
      figure.add(static_cast<double>(items.size()) * task_us * 1e-6 / workers / taken);
    }
    figure.print();
  }
}

void startup(acre::Session& session, const Options& options) {
  Figure figure("an executor to its first result", "ms");
  for (int run = 0; run < options.runs; ++run)
    figure.add(1e3 *
               seconds([&] { session.executor({.workers = options.workers}).submit<nothing>(1).get(); }));
  figure.print();
}

}  // namespace bench

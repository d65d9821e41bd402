// What the root executes for a task, counted by callgrind: see scripts/instructions.sh.
#include <numeric>
#include <thread>

#include "commands.hpp"

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#define CALLGRIND_DUMP_STATS_AT(name)
#endif

namespace bench {
namespace {
std::uint64_t nothing(std::uint64_t x) { return x; }
}  // namespace

// Callgrind starts without instrumentation, and so the workers, which are forked before it begins, run many
// times as fast as the root: their results wait for the root and not the root for them. A round trip has a
// pause in the middle, in which the root sleeps, for the same reason. Each block is a dump of its own: the
// least of them has the fewest disturbances.
void instructions(acre::Session& session, const Options& options) {
  constexpr std::uint64_t submits = 2000, items = 20'000, round_trips = 50;
  auto executor = session.executor({.workers = 1});
  std::uint64_t sum = executor.submit<nothing>(1).get();
  std::vector<std::uint64_t> range(items);
  std::iota(range.begin(), range.end(), 0);
  for (int run = 0; run < options.runs; ++run) {
    std::vector<acre::Future<std::uint64_t>> futures;
    futures.reserve(submits);
    CALLGRIND_START_INSTRUMENTATION;
    for (std::uint64_t i = 0; i < submits; ++i) futures.push_back(executor.submit<nothing>(i));
    for (const auto& future : futures) sum += future.get();
    CALLGRIND_DUMP_STATS_AT("submit 2000");
    CALLGRIND_STOP_INSTRUMENTATION;
    futures.clear();
    CALLGRIND_START_INSTRUMENTATION;
    for (const std::uint64_t y : executor.map<nothing>(range)) sum += y;
    CALLGRIND_DUMP_STATS_AT("map 20000");
    CALLGRIND_STOP_INSTRUMENTATION;
    CALLGRIND_START_INSTRUMENTATION;
    for (std::uint64_t i = 0; i < round_trips; ++i) {
      auto future = executor.submit<nothing>(i);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      sum += future.get();
    }
    CALLGRIND_DUMP_STATS_AT("roundtrip 50");
    CALLGRIND_STOP_INSTRUMENTATION;
  }
  if (sum == 0) throw acre::Error("the results of the tasks are not what they were given");
}

}  // namespace bench

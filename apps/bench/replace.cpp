// How soon another worker takes the place of one that has died.
#include <unistd.h>

#include <set>

#include "busy.hpp"
#include "commands.hpp"
#include "farm_watch.hpp"

namespace bench {
namespace {
struct Sign {
  pid_t process = 0;
  std::int64_t started_ns = 0;
};
ACRE_RECORD(Sign, process, started_ns)

Sign sign(std::uint64_t turns) {
  const std::int64_t started_ns = acre::now().ns;
  turn(turns);
  return {::getpid(), started_ns};
}
}  // namespace

// From a kill to the start of the first task in a worker that had run none before. Each death comes long
// enough after the last one that the spare has been replaced, too.
void replace(acre::Session& session, const Options& options) {
  constexpr int calm = 500;
  if (session.nodes() > 1)
    throw acre::Error("acre-bench replace kills processes of one machine: start it alone");
  auto executor = session.executor({.workers = options.workers, .retries = 65'534, .max_strikes = 65'535});
  executor.bootup();
  const pid_t parent = find_zygotes().preloaded;
  const std::vector<std::uint64_t> items(1'000'000, 20'000);
  Figure figure("a death to the first task of the replacement", "ms");
  std::set<pid_t> known;
  acre::Instant killed_at{};
  int since = 0, left = 20 * options.runs;
  for (const Sign& seen : executor.map_unordered<sign>(items, {.window_bytes = 40'000})) {
    ++since;
    if (known.insert(seen.process).second && killed_at.ns != 0) {
      figure.add(1e-6 * static_cast<double>(seen.started_ns - killed_at.ns));
      killed_at = {};
      since = 0;
      if (--left == 0) return figure.print(options);
    }
    if (killed_at.ns != 0 || since < calm) continue;
    killed_at = acre::now();
    if (!kill_child(parent, seen.process)) killed_at = {};
  }
  throw acre::Error("acre-bench: a dead worker was not replaced");
}

}  // namespace bench

// What workers and the preload that they share take of memory together, after work.
#include <algorithm>

#include "commands.hpp"
#include "farm_watch.hpp"

namespace bench {
namespace {
constexpr std::size_t block_bytes = std::size_t{1} << 20;
using Blocks = std::vector<std::vector<double>>;

Blocks build(std::uint64_t bytes) {
  return Blocks(std::max<std::size_t>(bytes / block_bytes, 1),
                std::vector<double>(block_bytes / sizeof(double), 1.5));
}

/// Looks at a block of the preload and allocates and frees as tasks do.
double look(acre::Context& context, acre::Preloaded<Blocks> blocks, std::uint64_t block) {
  std::vector<std::string> own;
  for (int i = 0; i < 100; ++i) own.emplace_back(1 + context.random().bits() % 4000, 'x');
  double sum = static_cast<double>(own.back().size());
  for (const double number : (*blocks)[block % blocks->size()]) sum += number;
  return sum;
}

/// What the preloaded zygote, its workers and their spare account for, each page once.
double together_bytes(pid_t zygote, std::size_t workers) {
  const acre::Instant deadline = acre::now() + std::chrono::seconds(10);
  std::vector<pid_t> pids;
  do pids = children_of(zygote);
  while (pids.size() != workers + 1 && acre::now() < deadline);
  pids.push_back(zygote);
  double sum = 0;
  for (const pid_t pid : pids) sum += 1024.0 * static_cast<double>(kilobytes_of(pid, "smaps_rollup", "Pss:"));
  return sum;
}
}  // namespace

// This node's processes alone: others have a preload of their own.
void preload(acre::Session& session, const Options& options) {
  const auto bytes = options.scaled<std::uint64_t>(std::uint64_t{1} << 30);
  const auto workers = static_cast<std::size_t>(options.workers);
  Figure memory("preload of 1 GiB and its workers together", "of its size");
  memory.at(options.workers, "workers");
  for (int run = 0; run < options.runs; ++run) {
    auto executor = session.executor({.workers = options.workers, .preload = acre::hook<build>(bytes)});
    double sum = 0;
    std::vector<std::uint64_t> items(options.scaled<std::size_t>(4096 * workers));
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = i;
    for (const double y : executor.map_unordered<look>(items)) sum += y;
    if (sum <= 0) throw acre::Error("tasks saw another preload than was built");
    memory.add(together_bytes(find_zygotes().preloaded, workers) / static_cast<double>(bytes));
  }
  memory.print(options);
}

}  // namespace bench

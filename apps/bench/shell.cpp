// A thousand commands, each the whole of a task: what xargs and GNU parallel do.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "commands.hpp"

namespace bench {
namespace {
/// Its exit status.
int run_true(int) {
  std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words[0], nullptr, nullptr, words.data(), environment.data());
  if (error != 0)
    throw acre::Error(std::string("acre-bench: true cannot be started: ") + std::strerror(error));
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}
}  // namespace

void shell(acre::Session& session, const Options& options) {
  constexpr std::size_t thousand = 1000;
  const std::vector<int> items(options.scaled<std::size_t>(thousand));
  Figure figure("1000 commands", "s");
  for (int run = 0; run < options.runs; ++run) {
    int failed = 0;
    const double taken = seconds([&] {
      auto executor = session.executor({.workers = options.workers});
      for (const int status : executor.map_unordered<run_true>(items)) failed += status != 0;
    });
    if (failed != 0) throw acre::Error("acre-bench: true has failed");
    figure.add(taken * static_cast<double>(thousand) / static_cast<double>(items.size()));
  }
  figure.print(options);
}

}  // namespace bench

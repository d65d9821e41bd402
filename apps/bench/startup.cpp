// How long it takes until there is a first result: of an executor, and of a program.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <acre/channel/descriptor.hpp>
#include <array>

#include "commands.hpp"

namespace bench {
namespace {
std::uint64_t nothing(std::uint64_t x) { return x; }

/// Seconds from the start of this program as `acre-bench first` to its first result, which it tells in a
/// line. Its environment is empty, so that it takes no part in an MPI job that this one is of.
double program_seconds(const Options& options) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw acre::Error("acre-bench: the system has no pipe to give");
  const acre::channel::Descriptor reading(ends[0]);
  acre::channel::Descriptor writing(ends[1]);
  std::array<std::string, 4> words{"acre-bench", "first", "--workers", std::to_string(options.workers)};
  std::array<char*, 5> arguments{words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  std::array<char*, 1> environment{nullptr};
  const acre::Instant begin = acre::now();
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw acre::Error("acre-bench: it cannot start itself as a new program");
  writing = acre::channel::Descriptor{};
  char byte = 0;
  const bool told = ::read(reading.get(), &byte, 1) == 1;
  const double taken = std::chrono::duration<double>(acre::now() - begin).count();
  while (::read(reading.get(), &byte, 1) == 1) continue;
  ::waitpid(pid, nullptr, 0);
  if (!told) throw acre::Error("acre-bench: the program that it started had no result");
  return taken;
}
}  // namespace

void first(acre::Session& session, const Options& options) {
  auto executor = session.executor({.workers = options.workers});
  const std::string line = std::to_string(executor.submit<nothing>(1).get()) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0)
    throw acre::Error("acre-bench: nobody reads the first result");
}

void startup(acre::Session& session, const Options& options) {
  Figure executor("executor to its first result", "ms"), program("program to its first result", "ms");
  for (int run = 0; run < options.runs; ++run) {
    executor.add(1e3 *
                 seconds([&] { session.executor({.workers = options.workers}).submit<nothing>(1).get(); }));
    program.add(1e3 * program_seconds(options));
  }
  executor.print(options);
  program.print(options);
}

}  // namespace bench

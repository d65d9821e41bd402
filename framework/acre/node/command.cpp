#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <acre/channel/descriptor.hpp>
#include <acre/node/command.hpp>

namespace acre::node {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

/// Starts the command as the leader of a process group, with default signals; -1 if that fails.
pid_t start(const std::vector<std::string>& command, const std::vector<std::string>& environment, int out) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const auto arguments = pointers(command), variables = pointers(environment);
  if (::posix_spawnp(&pid, arguments.front(), &files, &attributes, arguments.data(), variables.data()) != 0)
    pid = -1;
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return pid;
}

/// All that can be read until the other end is closed; nothing if that takes too long.
std::optional<std::string> read_all(int in, Instant deadline) {
  std::string text;
  for (std::array<char, 4096> some{};;) {
    pollfd wait{in, POLLIN, 0};
    const Duration left = std::max(deadline - now(), Duration{0});
    const int ready = ::poll(&wait, 1, static_cast<int>(left.count() / 1'000'000));
    if (ready == 0) return std::nullopt;
    const ssize_t got = ready < 0 ? -1 : ::read(in, some.data(), some.size());
    if (got == 0) return text;
    if (got > 0) text.append(some.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) return std::nullopt;
  }
}
/// Waits for the end of a child, which stays to be reaped; false if that takes too long.
bool ends_by(pid_t pid, Instant deadline) {
  const channel::Descriptor child(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd wait{child.get(), POLLIN, 0};
  const Duration left = std::max(deadline - now(), Duration{0});
  return child && ::poll(&wait, 1, static_cast<int>(left.count() / 1'000'000) + 1) == 1;
}
}  // namespace

std::optional<std::string> output_of(const std::vector<std::string>& command,
                                     const std::vector<std::string>& environment, Duration patience) {
  const Instant deadline = now() + patience;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const channel::Descriptor in(ends[0]);
  channel::Descriptor out(ends[1]);
  const pid_t pid = start(command, environment, out.get());
  out.reset();
  if (pid < 0) return std::nullopt;
  auto text = read_all(in.get(), deadline);
  if (!text || !ends_by(pid, deadline)) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::move(text) : std::nullopt;
}

}  // namespace acre::node

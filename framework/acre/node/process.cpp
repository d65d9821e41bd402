#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <acre/node/process.hpp>

namespace acre::node {
namespace {

// Some of the direct children, as many as a buffer on the stack has room for.
template <class Visit>
void for_each_child(Visit visit) noexcept {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/children", static_cast<int>(::getpid()));
  const channel::Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 65536> text{};
  const ssize_t n = ::read(file.get(), text.data(), text.size() - 1);
  if (n <= 0) return;
  for (char* at = text.data(); *at != '\0';) {
    char* end = nullptr;
    const long pid = std::strtol(at, &end, 10);
    if (end == at) break;
    visit(static_cast<pid_t>(pid));
    at = end + (*end == ' ' ? 1 : 0);
  }
}
}  // namespace

void kill_strays(const std::function<bool(pid_t)>& known) noexcept {
  for_each_child([&](pid_t pid) {
    if (!known(pid)) ::kill(pid, SIGKILL);
  });
}

std::vector<pid_t> children() {
  std::vector<pid_t> all;
  for_each_child([&](pid_t pid) { all.push_back(pid); });
  return all;
}

void hear_of_parents_death(pid_t parent, int signal) noexcept {
  ::prctl(PR_SET_PDEATHSIG, signal);
  if (::getppid() != parent) ::_exit(1);
}

void die_with_parent(pid_t parent) noexcept { hear_of_parents_death(parent, SIGKILL); }

void adopt_orphans() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

// What they leave behind become our children and are met in the next round.
void sweep_descendants() noexcept {
  for (;;) {
    kill_strays([](pid_t) { return false; });
    if (::waitpid(-1, nullptr, __WALL) < 0 && errno == ECHILD) return;
  }
}

void name_this_thread(const char* name) noexcept { ::prctl(PR_SET_NAME, name); }

void use_cpus(pid_t process, std::span<const int> cpus) noexcept {
  if (cpus.empty()) return;
  const int count = *std::max_element(cpus.begin(), cpus.end()) + 1;
  const std::size_t size = CPU_ALLOC_SIZE(count);
  cpu_set_t* set = CPU_ALLOC(count);
  CPU_ZERO_S(size, set);
  for (const int cpu : cpus) CPU_SET_S(static_cast<std::size_t>(cpu), size, set);
  ::sched_setaffinity(process, size, set);
  CPU_FREE(set);
}

void close_input() noexcept {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) return;
  ::dup2(null, STDIN_FILENO);
  if (null != STDIN_FILENO) ::close(null);
}

void write_errors_to(channel::Descriptor pipe) noexcept { ::dup2(pipe.get(), STDERR_FILENO); }

std::string describe_status(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  const char* name = ::sigabbrev_np(number);
  const char* text = ::sigdescr_np(number);
  return "was killed by SIG" + std::string(name == nullptr ? std::to_string(number) : name) + " (" +
         (text == nullptr ? "?" : text) + ")";
}

void leave(int status) noexcept {
  std::fflush(nullptr);
  ::_exit(status);
}

}  // namespace acre::node

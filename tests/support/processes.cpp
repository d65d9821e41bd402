#include "support/processes.hpp"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include <acre/base/check.hpp>

namespace acre::test {
namespace {
std::string read_proc(pid_t pid, const std::string& file) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();  // a process that ends meanwhile is a read error: what was read until then is the answer
  return out.str();
}

// The fields of /proc/<pid>/stat behind the command, whose name may hold anything.
struct Stat {
  char state = 'X';
  pid_t parent = -1;
};
Stat stat_of(pid_t pid) {
  const std::string text = read_proc(pid, "stat");
  Stat stat;
  const std::size_t end = text.rfind(')');
  if (end != std::string::npos) std::istringstream(text.substr(end + 1)) >> stat.state >> stat.parent;
  return stat;
}

bool is_living(const Stat& stat) { return stat.state != 'Z' && stat.state != 'X'; }

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  DIR* folder = ::opendir("/proc");
  while (const dirent* entry = ::readdir(folder)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid > 0) pids.push_back(pid);
  }
  ::closedir(folder);
  std::sort(pids.begin(), pids.end());
  return pids;
}
}  // namespace

pid_t parent_of(pid_t pid) { return stat_of(pid).parent; }

std::string name_of(pid_t pid) {
  std::string name = read_proc(pid, "comm");
  if (!name.empty()) name.pop_back();
  return name;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const pid_t other : all_processes()) {
    const Stat stat = stat_of(other);
    if (stat.parent == pid && is_living(stat)) children.push_back(other);
  }
  return children;
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::vector<pid_t> found;
  for (const pid_t child : children_of(pid)) {
    found.push_back(child);
    const std::vector<pid_t> below = descendants_of(child);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

std::vector<pid_t> processes_with(const std::string& entry) {
  std::vector<pid_t> found;
  const std::string wanted = '\0' + entry + '\0';
  for (const pid_t pid : all_processes())
    if (is_living(stat_of(pid)) && ('\0' + read_proc(pid, "environ")).find(wanted) != std::string::npos)
      found.push_back(pid);
  return found;
}

long status_number(pid_t pid, const std::string& field) {
  std::istringstream lines(read_proc(pid, "status"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
  return -1;
}

void kill_process(pid_t pid) {
  ACRE_CHECK(pid > 1 && name_of(pid).starts_with("acre "), "a test kills acre's own processes only");
  ::kill(pid, SIGKILL);
}

EndWatch::EndWatch(pid_t pid) : pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}

bool EndWatch::await(Instant deadline) const {
  if (!pidfd_) return true;
  pollfd wait{pidfd_.get(), POLLIN, 0};
  const Duration left = std::max(deadline - now(), Duration{0});
  return ::poll(&wait, 1, static_cast<int>(left.count() / 1'000'000) + 1) == 1;
}

bool await_ends(const std::vector<pid_t>& pids, Duration limit) {
  const Instant deadline = now() + limit;
  return std::all_of(pids.begin(), pids.end(), [&](pid_t pid) { return EndWatch(pid).await(deadline); });
}

}  // namespace acre::test

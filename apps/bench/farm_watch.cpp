#include "farm_watch.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <acre/base/error.hpp>
#include <acre/channel/descriptor.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace bench {
namespace {
std::string proc(pid_t pid, const std::string& file) { return "/proc/" + std::to_string(pid) + "/" + file; }

struct Stat {
  char state = 'X';
  pid_t parent = -1;
};
Stat stat_of(pid_t pid) {
  std::ifstream file(proc(pid, "stat"));
  std::string text;
  std::getline(file, text);
  Stat stat;
  const std::size_t name_end = text.rfind(')');
  if (name_end != std::string::npos)
    std::istringstream(text.substr(name_end + 1)) >> stat.state >> stat.parent;
  return stat;
}
bool is_dead(char state) { return state == 'Z' || state == 'X'; }

pid_t only_child(pid_t pid) {
  const std::vector<pid_t> children = children_of(pid);
  if (children.size() != 1)
    throw acre::Error("process " + std::to_string(pid) + " has " + std::to_string(children.size()) +
                      " children where a farm of one executor has one");
  return children.front();
}
}  // namespace

std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream file(proc(pid, "task/" + std::to_string(pid) + "/children"));
  return {std::istream_iterator<pid_t>(file), {}};
}

long kilobytes_of(pid_t pid, const std::string& file, const std::string& field) {
  std::ifstream fields(proc(pid, file));
  long kilobytes = 0;
  for (std::string word; fields >> word;)
    if (word == field) fields >> kilobytes;
  return kilobytes;
}

Holdings holdings_of(pid_t pid) {
  Holdings holdings;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(proc(pid, "fd")))
    ++holdings.descriptors;
  std::ifstream maps(proc(pid, "maps"));
  for (std::string line; std::getline(maps, line);) ++holdings.mappings;
  holdings.memory_kb = kilobytes_of(pid, "status", "RssAnon:");
  return holdings;
}

Zygotes find_zygotes() {
  const pid_t zygote = only_child(::getpid());
  return {zygote, only_child(zygote)};
}

bool kill_child(pid_t parent, pid_t child) {
  const acre::channel::Descriptor held(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  return held && stat_of(child).parent == parent &&
         ::syscall(SYS_pidfd_send_signal, held.get(), SIGKILL, nullptr, 0) == 0;
}

void FarmWatch::look() {
  const std::vector<pid_t> now_there = children_of(parent_);
  const acre::Instant at = acre::now();
  for (const pid_t pid : now_there) {
    Child& child = children_[pid];
    if (child.dead) longest_zombie_ = std::max(longest_zombie_, at - child.dead_since);
    if (child.dead || !is_dead(stat_of(pid).state)) continue;
    child.dead = true;
    child.dead_since = at;
    ++dead_;
    ++deaths_;
  }
  std::erase_if(children_, [&](const auto& entry) {
    if (std::find(now_there.begin(), now_there.end(), entry.first) != now_there.end()) return false;
    entry.second.dead ? --dead_ : ++deaths_;
    return true;
  });
}

void FarmWatch::kill_one() {
  std::vector<pid_t> candidates;
  for (const auto& [pid, child] : children_)
    if (!child.dead && !child.killed) candidates.push_back(pid);
  if (candidates.empty()) return;
  const std::int64_t chosen = random_.integer(0, static_cast<std::int64_t>(candidates.size()) - 1);
  const pid_t pid = candidates[static_cast<std::size_t>(chosen)];
  if (!kill_child(parent_, pid)) return;
  children_.at(pid).killed = true;
  ++kills_;
}

}  // namespace bench

// The processes of this program's farm, as /proc tells of them: what they hold, how they end, and a killer.
#pragma once

#include <sys/types.h>

#include <acre/base/time.hpp>
#include <acre/random/random.hpp>
#include <map>
#include <string>
#include <vector>

namespace bench {

/// What a process holds.
struct Holdings {
  long descriptors = 0, mappings = 0, memory_kb = 0;
};
Holdings holdings_of(pid_t pid);

/// Its living and unreaped children that its first thread forked, as all of the farm's processes are.
std::vector<pid_t> children_of(pid_t pid);

/// The number of kilobytes that a file of /proc/PID gives for `field`, such as "VmHWM:"; 0 if it has none.
long kilobytes_of(pid_t pid, const std::string& file, const std::string& field);

/// The processes between this one and its workers. Throws acre::Error unless there is exactly one executor
/// whose workers were forked.
struct Zygotes {
  pid_t zygote, preloaded;
};
Zygotes find_zygotes();

/// Sends SIGKILL to a process if it is a child of `parent`, whatever its number belongs to by now; false if
/// it is none.
bool kill_child(pid_t parent, pid_t child);

/// Watches the children of one process. One thread; nothing blocks.
class FarmWatch {
 public:
  FarmWatch(pid_t parent, const acre::Random& random) : parent_(parent), random_(random) {}

  /// Looks once: what has ended since the last look, and for how long the ended wait to be reaped.
  void look();
  /// Kills one of the living at random, whatever it does.
  void kill_one();

  std::uint64_t deaths() const { return deaths_; }
  std::uint64_t kills() const { return kills_; }
  std::size_t living() const { return children_.size() - dead_; }
  acre::Duration longest_zombie() const { return longest_zombie_; }

 private:
  struct Child {
    bool killed = false, dead = false;
    acre::Instant dead_since{};
  };

  pid_t parent_;
  acre::Random random_;
  std::map<pid_t, Child> children_;
  std::uint64_t deaths_ = 0, kills_ = 0;
  std::size_t dead_ = 0;
  acre::Duration longest_zombie_{};
};

}  // namespace bench

// The supervisor: a zygote's watch over its children, from their start to their end.
#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/channel/descriptor.hpp>
#include <acre/node/protocol.hpp>

namespace acre::node {

/// The signal that asks a worker to end as SIGTERM would; workers are deaf to SIGTERM itself, which launchers
/// and batch systems send to whole groups of processes.
int polite_signal() noexcept;

/// The signal that tells a zygote that the process above it has died.
int orphaned_signal() noexcept;

/// Watches children: reaps them, ends them on request, and ends those that a signal has stopped for long or
/// whose own memory has grown beyond a limit. Children that nobody added are what ended descendants left
/// behind: they are killed when one ends. One thread; nothing blocks.
class Supervisor {
 public:
  /// Blocks SIGCHLD and orphaned_signal() to read them. Children that exist already are left alone. Throws
  /// acre::Error.
  explicit Supervisor(std::int64_t memory_limit_bytes = 0, Duration grace = {});

  /// Readable when look() has something to do.
  int descriptor() const noexcept { return signals_.get(); }
  /// How long one may wait for it at most, in milliseconds as poll() takes them.
  int patience_ms() const;

  /// Watches over a child that has just been forked from this process.
  void add(pid_t child);
  /// Asks the child to end, and kills it if it has not within the grace.
  void end(pid_t child);
  void kill(pid_t child);

  struct Sight {
    std::vector<ChildEnd> ends;
    std::vector<pid_t> large;  ///< own memory beyond large_share of the limit
    bool orphaned = false;     ///< the process above has died
  };
  /// What has happened since the last look.
  Sight look();

 private:
  struct Child {
    Instant kill_at = Instant::never();
    int ticks_stopped = -1;  ///< seconds seen stopped; -1: it is not
    EndedBy by = EndedBy::itself;
    std::int64_t inherited_bytes = 0;  ///< of anonymous memory, which it may share as long as it keeps it
    std::int64_t own_memory_bytes = 0;
  };
  using Children = std::map<pid_t, Child>;

  void reap(Sight& sight);
  void note_end(pid_t pid, int status, std::int64_t peak_memory_bytes, Sight& sight);
  void end_the_late(Instant at);
  void count_stops(Instant at);
  void weigh(Sight& sight);
  std::int64_t own_memory_of(const Children::value_type& child, std::int64_t at_most) const;
  std::int64_t large_bytes() const {
    return static_cast<std::int64_t>(large_share * static_cast<double>(memory_limit_bytes_));
  }
  void end(Children::value_type& child, EndedBy by);

  channel::Descriptor signals_;
  std::int64_t memory_limit_bytes_;
  Duration grace_;
  Children children_;
  std::set<pid_t> others_;  ///< children that a hook has started
  Instant next_tick_ = Instant::never(), next_weighing_ = Instant::never();
};

}  // namespace acre::node

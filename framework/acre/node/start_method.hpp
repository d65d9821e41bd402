// How the workers of an executor come to be.
#pragma once

#include <cstdint>

namespace acre {

/// How workers are made. A task that crashes costs one attempt under `fork` and `spawn`; `threads` and
/// `serial` give no such isolation: there it takes the program with it, and a task that runs cannot be ended,
/// so shutting the executor down waits for it, also while an exception unwinds.
enum class StartMethod : std::uint8_t {
  fork,  ///< processes forked from one that has run the preload, so that they share what it built
  /// Fresh starts of this program, for libraries that do not survive a fork: each runs the preload. What
  /// main() does before acre::run is done in each of them too.
  spawn,
  /// Threads of the node's agent (on the root: of the program), for work that waits or shares state. What the
  /// preload returned is shared by all and destroyed at the end.
  threads,
  /// The thread that calls submit, or iterates a map, which return when the task has ended: for a debugger,
  /// and as the tests' oracle. Other threads that use the executor wait meanwhile. One worker, on the root
  /// alone.
  serial
};

/// Are the workers processes, which can be ended?
constexpr bool has_processes(StartMethod start) {
  return start == StartMethod::fork || start == StartMethod::spawn;
}

}  // namespace acre

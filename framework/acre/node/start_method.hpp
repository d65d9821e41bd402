// How the workers of an executor come to be.
#pragma once

#include <cstdint>

namespace acre {

/// How workers are made. A task that crashes costs one attempt under `fork` and `spawn`; `threads` and
/// `serial` give no such isolation: there it takes the program with it, and a task that runs cannot be ended.
enum class StartMethod : std::uint8_t {
  fork,     ///< processes forked from one that has run the preload, so that they share what it built
  spawn,    ///< fresh starts of this program, for libraries that do not survive a fork; each runs the preload
  threads,  ///< threads of this process, for work that waits or shares state
  serial    ///< in the calling thread, inside submit and map: for a debugger, and as the tests' oracle
};

}  // namespace acre

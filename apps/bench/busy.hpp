// Calibrated work: a counted loop, and how fast this machine turns it.
#pragma once

#include <cstdint>

namespace bench {

/// Turns the loop so many times; what it computes is returned so that it is not optimised away.
std::uint64_t turn(std::uint64_t turns);

/// What each of several processes gets while all of them are busy.
struct Speed {
  double turns_per_us = 0;  ///< by the clock on the wall, the mean of the processes
  double taken = 0;         ///< part of that time in which a process did not run: other work had its core
};

/// Lets so many processes, each on a core of its own as far as there are as many, turn the loop at once for
/// so long. Blocks; throws acre::Error if the system has no process or memory to give.
Speed speed_of(int processes, double ms = 50);

}  // namespace bench

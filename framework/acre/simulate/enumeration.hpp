// Every order in which a few events can happen in a small cluster, not a sample of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/simulate/cluster.hpp>

namespace acre::simulate {

/// A small case: what may happen in it beside the work itself may happen at any moment, or never.
struct Case {
  std::string name;
  Parameters parameters;
  std::vector<Scripted> script;
  bool quick = true;  ///< takes less than a second or two
};

/// The cases that are enumerated. Any thread.
std::vector<Case> small_cases();

struct Enumerated {
  std::uint64_t endings = 0, steps = 0;
  std::string broken;  ///< the first invariant that did not hold, or nothing
  std::string trace;   ///< what led to it
};

/// Goes depth-first through every order in which the next things can happen, with all checks after each
/// step; stops at the first that is broken, and after `most_steps`. Blocks for that time.
Enumerated enumerate(const Case& small, std::uint64_t most_steps = ~std::uint64_t{0});

}  // namespace acre::simulate

// What the pi program was asked to do.
#pragma once

#include <cstdint>
#include <string>

namespace pi {

struct Options {
  std::uint64_t samples = 1'000'000'000;
  std::uint64_t tasks = 1000;
  std::uint64_t seed = 1;
  int workers = 0;  ///< on each node; 0: what the node offers
  std::string out;  ///< empty: no file
  bool resume = false;
};

/// What a command line asks for; `status` is what to exit with if `go_on` is false (help, or a mistake that
/// was said on stderr in one sentence).
struct Parsed {
  Options options;
  bool go_on = true;
  int status = 0;
};
Parsed parse(int argc, char** argv);

}  // namespace pi

// The loop that is counted. Peers written in Python call the same one, from a library of its own.
#include "busy.hpp"

namespace bench {

std::uint64_t turn(std::uint64_t turns) {
  std::uint64_t state = turns;
  for (std::uint64_t i = 0; i < turns; ++i) state = state * 6364136223846793005u + 1442695040888963407u;
  return state;
}

}  // namespace bench

extern "C" std::uint64_t acre_bench_turn(std::uint64_t turns) { return bench::turn(turns); }

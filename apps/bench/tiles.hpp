// A product of two matrices by tiles: real work, whose factors are preloaded once on each node.
#pragma once

#include "measure.hpp"

namespace bench {

class Tiles {
 public:
  /// Factors of n × n numbers, n a multiple of the edge of a tile. Throws as Session::executor does.
  Tiles(acre::Session& session, int workers, std::uint32_t n);

  /// Seconds for one product. Blocks; throws acre::Error if it is wrong.
  double run();

  /// Of the factors that are measured.
  static std::uint32_t rows(const Options& options);

  static constexpr std::uint32_t edge = 128;

 private:
  std::uint32_t n_;
  acre::Executor executor_;
};

}  // namespace bench

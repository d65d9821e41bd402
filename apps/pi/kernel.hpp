// The inner loop of the pi example: how many random points of the unit square fall inside the quarter circle.
#pragma once

#include <acre/random/philox.hpp>
#include <cstdint>

namespace pi {

/// Counts the points inside among the first `samples` of a task. Point n has the coordinates w(2n) >> 1 and
/// w(2n + 1) >> 1, 31-bit integers, where w is the words of acre::Random(key, task_index) in order; it is
/// inside if x² + y² < 2^62. All integer, so the count is the same on every processor and with every `isa`,
/// which must not be above best_isa(). Any thread; does not block; throws acre::Error if samples > 2^41, the
/// length of a stream.
std::uint64_t count_hits(std::uint64_t key, std::uint64_t task_index, std::uint64_t samples,
                         acre::random::Isa isa = acre::random::best_isa());

}  // namespace pi

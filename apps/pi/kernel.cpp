#include "kernel.hpp"

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/random/lanes.hpp>

namespace pi {
namespace {

using acre::random::Block;
using acre::random::Isa;

// The blocks first … end - 1 of one task's stream.
struct Blocks {
  std::uint64_t key;
  std::uint64_t task_index;
  std::uint64_t first;
  std::uint64_t end;
};

// x² + y² is below 2^63, so its bit 62 alone tells a point outside (1) from one inside (0).
std::uint64_t outside(std::uint32_t x_word, std::uint32_t y_word) {
  const std::uint64_t x = x_word >> 1;
  const std::uint64_t y = y_word >> 1;
  return (x * x + y * y) >> 62;
}

Block block_of(const Blocks& blocks, std::uint64_t at) {
  return acre::random::philox_block(acre::random::counter_of(at, blocks.task_index),
                                    acre::random::key_of(blocks.key));
}

std::uint64_t misses_portable(const Blocks& blocks) {
  std::uint64_t misses = 0;
  for (std::uint64_t at = blocks.first; at < blocks.end; ++at) {
    const Block block = block_of(blocks, at);
    misses += outside(block[0], block[1]) + outside(block[2], block[3]);
  }
  return misses;
}

#if defined(__x86_64__)
using acre::random::multiply_low_halves;
using acre::random::philox_lanes;
using acre::random::U32x16;
using acre::random::U32x8;
using acre::random::U64x4;
using acre::random::U64x8;

ACRE_TARGET_AVX2 [[gnu::always_inline]] inline U64x4 outside(const U64x4& x_words, const U64x4& y_words) {
  const auto x = U64x4(U32x8(x_words) >> 1);
  const auto y = U64x4(U32x8(y_words) >> 1);
  return (multiply_low_halves(x, x) + multiply_low_halves(y, y)) >> 62;
}

// Takes whole groups of four blocks off the front of `blocks`.
ACRE_TARGET_AVX2 std::uint64_t misses_avx2(Blocks& blocks) {
  U64x4 at = U64x4{0, 1, 2, 3} + blocks.first;
  U64x4 misses{};
  for (; blocks.end - blocks.first >= 4; blocks.first += 4, at += 4) {
    const auto [w] = philox_lanes(at, blocks.task_index, blocks.key);
    misses += outside(w[0], w[1]) + outside(w[2], w[3]);
  }
  return misses[0] + misses[1] + misses[2] + misses[3];
}

ACRE_TARGET_AVX512 [[gnu::always_inline]] inline U64x8 outside(const U64x8& x_words, const U64x8& y_words) {
  const auto x = U64x8(U32x16(x_words) >> 1);
  const auto y = U64x8(U32x16(y_words) >> 1);
  return (multiply_low_halves(x, x) + multiply_low_halves(y, y)) >> 62;
}

// Takes whole groups of eight blocks off the front of `blocks`.
ACRE_TARGET_AVX512 std::uint64_t misses_avx512(Blocks& blocks) {
  U64x8 at = U64x8{0, 1, 2, 3, 4, 5, 6, 7} + blocks.first;
  U64x8 misses{};
  for (; blocks.end - blocks.first >= 8; blocks.first += 8, at += 8) {
    const auto [w] = philox_lanes(at, blocks.task_index, blocks.key);
    misses += outside(w[0], w[1]) + outside(w[2], w[3]);
  }
  std::uint64_t sum = 0;
  for (int lane = 0; lane < 8; ++lane) sum += misses[lane];
  return sum;
}

std::uint64_t misses_vectors(Blocks& blocks, Isa isa) {
  if (isa == Isa::avx512) return misses_avx512(blocks);
  if (isa == Isa::avx2) return misses_avx2(blocks);
  return 0;
}
#else
std::uint64_t misses_vectors(Blocks&, Isa) { return 0; }
#endif

}  // namespace

std::uint64_t count_hits(std::uint64_t key, std::uint64_t task_index, std::uint64_t samples, Isa isa) {
  ACRE_CHECK(isa <= acre::random::best_isa(), "the processor lacks the instruction set asked for");
  if (samples > std::uint64_t{1} << 41) {
    throw acre::Error(
        "a task of pi has more than 2^41 samples, the length of its random stream: use more tasks");
  }
  Blocks blocks{.key = key, .task_index = task_index, .first = 0, .end = samples / 2};
  std::uint64_t misses = misses_vectors(blocks, isa);
  misses += misses_portable(blocks);
  if (samples % 2 == 1) {
    const Block last = block_of(blocks, samples / 2);
    misses += outside(last[0], last[1]);
  }
  return samples - misses;
}

}  // namespace pi

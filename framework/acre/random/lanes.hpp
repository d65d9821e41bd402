// Philox4x32-10 in vector registers, for code that consumes the words where they arise.
// Both instruction sets are spelled out, since no template can take its target attribute from a parameter.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstdint>

/// Marks a function compiled for an instruction set; call it only if best_isa() includes that set.
#define ACRE_TARGET_AVX2 [[gnu::target("avx2")]]
#define ACRE_TARGET_AVX512 [[gnu::target("avx512f")]]

namespace acre::random {

using U64x4 [[gnu::vector_size(32)]] = std::uint64_t;
using U32x8 [[gnu::vector_size(32)]] = std::uint32_t;
using U64x8 [[gnu::vector_size(64)]] = std::uint64_t;
using U32x16 [[gnu::vector_size(64)]] = std::uint32_t;

/// Multipliers and key increments of Philox4x32.
inline constexpr std::uint64_t philox_m0 = 0xD2511F53, philox_m1 = 0xCD9E8D57;
inline constexpr std::uint32_t philox_w0 = 0x9E3779B9, philox_w1 = 0xBB67AE85;

/// The 64-bit products of the low halves of the lanes.
ACRE_TARGET_AVX2 [[gnu::always_inline]] inline U64x4 multiply_low_halves(const U64x4& a, const U64x4& b) {
  return U64x4(_mm256_mul_epu32(__m256i(a), __m256i(b)));
}
// The form with a mask: g++ 12 warns of an uninitialised operand in the one without.
ACRE_TARGET_AVX512 [[gnu::always_inline]] inline U64x8 multiply_low_halves(const U64x8& a, const U64x8& b) {
  return U64x8(_mm512_maskz_mul_epu32(0xFF, __m512i(a), __m512i(b)));
}

/// Four blocks: lane i of words[j], low half, is word j of block i; the high halves are undefined.
struct Blocks4 {
  U64x4 words[4];
};

/// The blocks of four counters, whose low 64 bits are the lanes of `low` and whose high 64 bits are `high`.
/// Any thread; does not throw.
ACRE_TARGET_AVX2 [[gnu::always_inline]] inline Blocks4 philox_lanes(const U64x4& low, std::uint64_t high,
                                                                    std::uint64_t key) {
  const U64x4 m0 = U64x4{} + philox_m0;
  const U64x4 m1 = U64x4{} + philox_m1;
  Blocks4 b{{low, low >> 32, U64x4{} + high, U64x4{} + (high >> 32)}};
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += philox_w0, k1 += philox_w1) {
    const U64x4 p0 = multiply_low_halves(b.words[0], m0);
    const U64x4 p1 = multiply_low_halves(b.words[2], m1);
    b = {{(p1 >> 32) ^ (b.words[1] ^ k0), p1, (p0 >> 32) ^ (b.words[3] ^ k1), p0}};
  }
  return b;
}

/// Eight blocks: lane i of words[j], low half, is word j of block i; the high halves are undefined.
struct Blocks8 {
  U64x8 words[4];
};

/// The blocks of eight counters, whose low 64 bits are the lanes of `low` and whose high 64 bits are `high`.
/// Any thread; does not throw.
ACRE_TARGET_AVX512 [[gnu::always_inline]] inline Blocks8 philox_lanes(const U64x8& low, std::uint64_t high,
                                                                      std::uint64_t key) {
  const U64x8 m0 = U64x8{} + philox_m0;
  const U64x8 m1 = U64x8{} + philox_m1;
  Blocks8 b{{low, low >> 32, U64x8{} + high, U64x8{} + (high >> 32)}};
  auto k0 = static_cast<std::uint32_t>(key);
  auto k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round, k0 += philox_w0, k1 += philox_w1) {
    const U64x8 p0 = multiply_low_halves(b.words[0], m0);
    const U64x8 p1 = multiply_low_halves(b.words[2], m1);
    b = {{(p1 >> 32) ^ (b.words[1] ^ k0), p1, (p0 >> 32) ^ (b.words[3] ^ k1), p0}};
  }
  return b;
}

}  // namespace acre::random
#endif

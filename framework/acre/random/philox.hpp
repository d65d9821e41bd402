// Philox4x32-10, a counter-based generator: block n of a stream is a function of a key and of n alone.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace acre::random {

/// A counter, or the four random words Philox makes of it; word 0 is the least significant of a counter.
using Block = std::array<std::uint32_t, 4>;
/// A Philox key; word 0 is the least significant.
using Key = std::array<std::uint32_t, 2>;

/// The instruction sets that bulk generation is written for, each including those before it.
enum class Isa { portable, avx2, avx512 };

/// The best instruction set that this processor and operating system offer. Any thread; does not throw.
Isa best_isa() noexcept;

constexpr Key key_of(std::uint64_t key) {
  return {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
}
constexpr Block counter_of(std::uint64_t low, std::uint64_t high) {
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32),
          static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)};
}

/// The Philox4x32-10 block of one counter. Any thread; does not block; does not throw.
Block philox_block(const Block& counter, const Key& key) noexcept;

/// Writes the words of consecutive blocks to `out`, any length and alignment: word 4i+j is word j of the
/// block whose counter is `first` with i added to its low 64 bits (modulo 2^64; the high 64 bits stay). The
/// words are the same with every `isa`, which must not be above best_isa(). Any thread; does not block; does
/// not throw.
void philox_blocks(const Key& key, const Block& first, std::span<std::uint32_t> out,
                   Isa isa = best_isa()) noexcept;

/// The key of the streams of one stage of a program: words 0 (low half) and 1 of the Philox block of the
/// counter (seed, stage), seed in the low 64 bits, under the fixed key {0x61637265, 0x73656564} ("acre",
/// "seed"). Any thread; does not throw.
std::uint64_t stream_key(std::uint64_t seed, std::uint64_t stage) noexcept;

/// The same for a named stage, whose number is the 64-bit FNV-1a hash of the name's bytes. Any thread; does
/// not throw.
std::uint64_t stream_key(std::uint64_t seed, std::string_view stage) noexcept;

}  // namespace acre::random

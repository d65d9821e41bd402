#include <acre/base/check.hpp>
#include <acre/random/lanes.hpp>
#include <acre/random/philox.hpp>
#include <algorithm>
#include <cstddef>

namespace acre::random {
namespace {

struct Range {
  std::uint64_t key;
  std::uint64_t low;
  std::uint64_t high;
};

void write_portable(const Range& range, std::span<std::uint32_t> out) {
  const Key key = key_of(range.key);
  for (std::uint64_t low = range.low; !out.empty(); ++low) {
    const Block block = philox_block(counter_of(low, range.high), key);
    const std::size_t words = std::min(out.size(), block.size());
    std::copy_n(block.begin(), words, out.begin());
    out = out.subspan(words);
  }
}

#if defined(__x86_64__)
constexpr std::uint64_t low_half = 0xFFFFFFFF;

// The order of the counters in the lanes is the one that unpacking turns into memory order.
ACRE_TARGET_AVX2 std::size_t write_avx2(const Range& range, std::uint32_t* out, std::size_t blocks) {
  U64x4 low = U64x4{0, 2, 1, 3} + range.low;
  std::size_t done = 0;
  for (; done + 4 <= blocks; done += 4, low += 4) {
    const auto [w] = philox_lanes(low, range.high, range.key);
    const auto w01 = __m256i((w[0] & low_half) | (w[1] << 32));
    const auto w23 = __m256i((w[2] & low_half) | (w[3] << 32));
    auto* const to = reinterpret_cast<__m256i*>(out + 4 * done);
    _mm256_storeu_si256(to, _mm256_unpacklo_epi64(w01, w23));
    _mm256_storeu_si256(to + 1, _mm256_unpackhi_epi64(w01, w23));
  }
  return done;
}

ACRE_TARGET_AVX512 std::size_t write_avx512(const Range& range, std::uint32_t* out, std::size_t blocks) {
  U64x8 low = U64x8{0, 4, 1, 5, 2, 6, 3, 7} + range.low;
  std::size_t done = 0;
  for (; done + 8 <= blocks; done += 8, low += 8) {
    const auto [w] = philox_lanes(low, range.high, range.key);
    const auto w01 = __m512i((w[0] & low_half) | (w[1] << 32));
    const auto w23 = __m512i((w[2] & low_half) | (w[3] << 32));
    _mm512_storeu_si512(out + 4 * done, _mm512_maskz_unpacklo_epi64(0xFF, w01, w23));
    _mm512_storeu_si512(out + 4 * done + 16, _mm512_maskz_unpackhi_epi64(0xFF, w01, w23));
  }
  return done;
}

std::size_t write_vectors(const Range& range, std::span<std::uint32_t> out, Isa isa) {
  if (isa == Isa::avx512) return write_avx512(range, out.data(), out.size() / 4);
  if (isa == Isa::avx2) return write_avx2(range, out.data(), out.size() / 4);
  return 0;
}

Isa detect() noexcept {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return Isa::portable;
  return __builtin_cpu_supports("avx512f") ? Isa::avx512 : Isa::avx2;
}
#else
std::size_t write_vectors(const Range&, std::span<std::uint32_t>, Isa) { return 0; }
Isa detect() noexcept { return Isa::portable; }
#endif

}  // namespace

Isa best_isa() noexcept {
  static const Isa best = detect();
  return best;
}

void philox_blocks(const Key& key, const Block& first, std::span<std::uint32_t> out, Isa isa) noexcept {
  ACRE_CHECK(isa <= best_isa(), "the processor lacks the instruction set asked for");
  const auto wide = [](std::uint32_t low, std::uint32_t high) {
    return (static_cast<std::uint64_t>(high) << 32) | low;
  };
  Range range{.key = wide(key[0], key[1]), .low = wide(first[0], first[1]), .high = wide(first[2], first[3])};
  const std::size_t done = write_vectors(range, out, isa);
  range.low += done;
  write_portable(range, out.subspan(4 * done));
}

}  // namespace acre::random

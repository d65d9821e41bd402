#include <gtest/gtest.h>

#include <acre/base/error.hpp>
#include <acre/random/random.hpp>
#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <type_traits>
#include <vector>

namespace {

using acre::Random;
using acre::random::counter_of;
using acre::random::key_of;
using acre::random::philox_block;

static_assert(std::uniform_random_bit_generator<Random>);
static_assert(std::is_trivially_copyable_v<Random> && sizeof(Random) <= 48);

constexpr std::uint64_t kKey = 0x667d00e26e5bedb5;  // stream_key(2024, 3)
constexpr std::uint64_t kBitsInStream = std::uint64_t{1} << 41;

std::uint64_t bit_pattern(double x) { return std::bit_cast<std::uint64_t>(x); }

std::vector<std::uint32_t> words(Random stream, std::size_t count) {
  std::vector<std::uint32_t> out(count);
  stream.fill(out);
  return out;
}

TEST(Random, HasTheDocumentedCounter) {
  Random stream(kKey, 0x0123456789abcdef, 0xabcdef);
  for (std::uint64_t block = 0; block < 5; ++block) {
    const auto w = philox_block(counter_of(0xabcdef0000000000 | block, 0x0123456789abcdef), key_of(kKey));
    EXPECT_EQ(stream.bits(), (static_cast<std::uint64_t>(w[1]) << 32) | w[0]);
    EXPECT_EQ(stream.bits(), (static_cast<std::uint64_t>(w[3]) << 32) | w[2]);
  }
}

TEST(Random, HasPinnedBits) {
  Random stream(kKey, 17);
  EXPECT_EQ(stream.bits(), 0x7fdf85bc9760133b);
  EXPECT_EQ(stream.bits(), 0xf80a9bb5354d451c);
  EXPECT_EQ(stream(), 0x6b506bcf244e0993);
}

TEST(Random, HasPinnedUniforms) {
  Random stream(kKey, 17);
  for (const std::uint64_t pinned : {0x3fdff7e16f25d804U, 0x3fef015376a6a9a8U, 0x3fdad41af3c91382U}) {
    EXPECT_EQ(bit_pattern(stream.uniform()), pinned);
  }
}

TEST(Random, HasPinnedNormals) {
  Random stream(kKey, 17);
  for (const std::uint64_t pinned : {0xbf545a3176ad17cdU, 0x3ffdd730b4c102fcU, 0xbfca1b115611492cU,
                                     0xbfd065f0215ce8e6U, 0x3fe4cc095436d1bdU, 0x40021d7bc40bf11cU}) {
    EXPECT_EQ(bit_pattern(stream.normal()), pinned);
  }
}

TEST(Random, HasPinnedExponentials) {
  Random stream(kKey, 17);
  for (const std::uint64_t pinned : {0x3fe6262575a64effU, 0x400bc47682b9d65dU, 0x3fe1630e2cd9cbceU}) {
    EXPECT_EQ(bit_pattern(stream.exponential()), pinned);
  }
}

TEST(Random, HasPinnedIntegers) {
  Random stream(kKey, 17);
  for (const std::int64_t pinned : {499499, 968912, 419190, 398884}) {
    EXPECT_EQ(stream.integer(-10, 1000000), pinned);
  }
}

TEST(Random, DependsOnKeyTaskAndSubstream) {
  std::set<std::uint64_t> first;
  for (const std::uint64_t key : {1, 2}) {
    for (const std::uint64_t task : {0, 1, 2}) {
      for (const std::uint32_t substream : {0, 1, 2}) first.insert(Random(key, task, substream).bits());
    }
  }
  EXPECT_EQ(first.size(), 18U);
}

TEST(Random, CopiesGoOnFromTheSamePlace) {
  Random stream(kKey, 1);
  stream.bits();
  Random copy = stream;
  const std::uint64_t next = copy.bits();
  EXPECT_EQ(stream.bits(), next);
}

TEST(Random, SubstreamStartsAnewWhereverTheParentStands) {
  Random stream(kKey, 5, 2);
  stream.bits();
  EXPECT_EQ(words(stream.substream(9), 10), words(Random(kKey, 5, 9), 10));
}

TEST(Random, RefusesASubstreamBeyondTheCounter) {
  EXPECT_NO_THROW(Random(kKey, 5, (1U << 24) - 1));
  EXPECT_THROW(Random(kKey, 5, 1U << 24), acre::Error);
  EXPECT_THROW(Random(kKey, 5).substream(1U << 24), acre::Error);
}

TEST(Random, FillTakesTheWordsThatBitsWouldReturn) {
  std::vector<std::uint32_t> expected;
  for (Random stream(kKey, 3); expected.size() < 400;) {
    const std::uint64_t bits = stream.bits();
    expected.push_back(static_cast<std::uint32_t>(bits));
    expected.push_back(static_cast<std::uint32_t>(bits >> 32));
  }
  for (std::size_t first = 0; first < 12; ++first) {
    for (std::size_t second = 0; second < 80; ++second) {
      Random stream(kKey, 3);
      std::vector<std::uint32_t> got(first + second);
      stream.fill(std::span(got).first(first));
      stream.fill(std::span(got).subspan(first));
      ASSERT_TRUE(std::equal(got.begin(), got.end(), expected.begin())) << first << " " << second;
      const std::uint64_t after = stream.bits();
      ASSERT_EQ(static_cast<std::uint32_t>(after), expected[first + second]);
      ASSERT_EQ(static_cast<std::uint32_t>(after >> 32), expected[first + second + 1]);
    }
  }
}

TEST(Random, DiscardEqualsCallingBits) {
  for (std::uint64_t before = 0; before < 5; ++before) {
    for (std::uint64_t count = 0; count < 9; ++count) {
      Random called(kKey, 3);
      Random discarded(kKey, 3);
      std::uint32_t odd = 0;
      for (Random* stream : {&called, &discarded}) {
        if (before % 2 == 1) stream->fill({&odd, 1});
        for (std::uint64_t i = 0; i < before / 2; ++i) stream->bits();
      }
      for (std::uint64_t i = 0; i < count; ++i) called.bits();
      discarded.discard(count);
      ASSERT_EQ(discarded.bits(), called.bits()) << before << " " << count;
    }
  }
}

TEST(Random, EndsAfterTwoToTheFortyBlocks) {
  Random stream(kKey, 8, 3);
  stream.discard(kBitsInStream - 1);
  const auto last = philox_block(counter_of((std::uint64_t{3} << 40) | 0xffffffffff, 8), key_of(kKey));
  Random copy = stream;
  EXPECT_EQ(copy.bits(), (static_cast<std::uint64_t>(last[3]) << 32) | last[2]);
  EXPECT_THROW(copy.bits(), acre::Error);
  EXPECT_THROW(copy.bits(), acre::Error);
  EXPECT_THROW(copy.discard(1), acre::Error);
  EXPECT_NO_THROW(copy.discard(0));

  std::vector<std::uint32_t> three(3, 1);
  EXPECT_THROW(stream.fill(three), acre::Error);
  EXPECT_EQ(three, (std::vector<std::uint32_t>{1, 1, 1}));
  stream.fill(std::span(three).first(2));
  EXPECT_EQ(three, (std::vector<std::uint32_t>{last[2], last[3], 1}));
}

TEST(Random, RefusesToDiscardMoreThanIsLeft) {
  Random stream(kKey, 8);
  EXPECT_THROW(stream.discard(kBitsInStream + 1), acre::Error);
  EXPECT_THROW(stream.discard(std::numeric_limits<std::uint64_t>::max()), acre::Error);
  EXPECT_EQ(stream.bits(), Random(kKey, 8).bits());
  stream.discard(kBitsInStream - 1);
  EXPECT_THROW(stream.bits(), acre::Error);
}

TEST(Random, IntegerStaysInItsBoundsAndReachesThem) {
  Random stream(kKey, 4);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(stream.integer(-2, 3));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(stream.integer(7, 7), 7);
  EXPECT_THROW(stream.integer(1, 0), acre::Error);
}

TEST(Random, IntegerOverTheFullRangeIsBits) {
  constexpr auto kLimits = std::numeric_limits<std::int64_t>();
  EXPECT_EQ(static_cast<std::uint64_t>(Random(kKey, 4).integer(kLimits.min(), kLimits.max())),
            Random(kKey, 4).bits());
}

// Of 3·2^62 values, a quarter of the words must be rejected: those whose product has a low half below 2^62.
TEST(Random, IntegerRejectsWhatWouldBeBiased) {
  __extension__ using Product = unsigned __int128;
  constexpr std::uint64_t kCount = std::uint64_t{3} << 62;
  Random stream(kKey, 6);
  Random oracle(kKey, 6);
  int rejected = 0;
  for (int i = 0; i < 1000; ++i) {
    Product product = static_cast<Product>(oracle.bits()) * kCount;
    for (; static_cast<std::uint64_t>(product) < (std::uint64_t{1} << 62); ++rejected) {
      product = static_cast<Product>(oracle.bits()) * kCount;
    }
    const auto offset = static_cast<std::uint64_t>(product >> 64);
    ASSERT_EQ(static_cast<std::uint64_t>(
                  stream.integer(std::numeric_limits<std::int64_t>::min(), 0x3fffffffffffffff)),
              offset + 0x8000000000000000);
  }
  EXPECT_GT(rejected, 250);
}

TEST(Random, ServesTheAlgorithmsOfTheStandardLibrary) {
  std::vector<int> cards(52);
  std::iota(cards.begin(), cards.end(), 0);
  std::shuffle(cards.begin(), cards.end(), Random(kKey, 2));
  EXPECT_FALSE(std::is_sorted(cards.begin(), cards.end()));
  std::sort(cards.begin(), cards.end());
  for (int i = 0; i < 52; ++i) EXPECT_EQ(cards[static_cast<std::size_t>(i)], i);
}

}  // namespace

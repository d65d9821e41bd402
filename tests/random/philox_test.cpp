#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <acre/random/philox.hpp>
#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

using acre::random::best_isa;
using acre::random::Block;
using acre::random::counter_of;
using acre::random::Isa;
using acre::random::Key;
using acre::random::philox_block;
using acre::random::philox_blocks;
using acre::random::stream_key;

constexpr std::uint64_t kMax64 = 0xffffffffffffffff;

// The vectors of Random123's own tests/kat_vectors.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox_block({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox_block({f, f, f, f}, {f, f}), (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox_block({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, CounterOfPutsTheLowHalfFirst) {
  EXPECT_EQ(counter_of(0x1111111122222222, 0x3333333344444444),
            (Block{0x22222222, 0x11111111, 0x44444444, 0x33333333}));
}

std::vector<std::uint32_t> reference_words(Key key, std::uint64_t low, std::uint64_t high,
                                           std::size_t count) {
  r123::Philox4x32 philox;
  std::vector<std::uint32_t> words;
  for (; words.size() < count; ++low) {
    const Block counter = counter_of(low, high);
    const auto block = philox({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
    words.insert(words.end(), block.begin(), block.end());
  }
  words.resize(count);
  return words;
}

class PhiloxBlocks : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() > best_isa()) GTEST_SKIP() << "this processor lacks the instruction set";
  }
};

TEST_P(PhiloxBlocks, EqualRandom123AtEveryLengthAndAlignment) {
  const Key key{0x12345678, 0x9abcdef0};
  const std::uint64_t low = 0x0000a5fffffffff0;  // a carry into the second word in mid-run
  const auto expected = reference_words(key, low, 0xfedcba9876543210, 140);
  constexpr std::uint32_t kUntouched = 0xdeadbeef;
  for (std::size_t offset = 0; offset < 17; ++offset) {
    for (std::size_t length = 0; length <= expected.size(); ++length) {
      std::vector<std::uint32_t> buffer(offset + length + 1, kUntouched);
      philox_blocks(key, counter_of(low, 0xfedcba9876543210), std::span(buffer).subspan(offset, length),
                    GetParam());
      const auto begin = buffer.begin() + static_cast<std::ptrdiff_t>(offset);
      ASSERT_TRUE(std::equal(begin, buffer.end() - 1, expected.begin())) << offset << " " << length;
      ASSERT_TRUE(std::all_of(buffer.begin(), begin, [](auto word) { return word == kUntouched; }));
      ASSERT_EQ(buffer.back(), kUntouched);
    }
  }
}

TEST_P(PhiloxBlocks, EqualRandom123AtExtremeKeysAndCounters) {
  for (const std::uint64_t low : {std::uint64_t{0}, kMax64 - 5, kMax64 - 40, std::uint64_t{0xffffffff}}) {
    for (const std::uint64_t high : {std::uint64_t{0}, kMax64, std::uint64_t{0x80000000}}) {
      for (const Key key : {Key{0, 0}, Key{0xffffffff, 0xffffffff}, Key{0x80000000, 1}}) {
        std::vector<std::uint32_t> words(64 * 4);
        philox_blocks(key, counter_of(low, high), words, GetParam());
        ASSERT_EQ(words, reference_words(key, low, high, words.size())) << low << " " << high;
      }
    }
  }
}

std::string isa_name(const testing::TestParamInfo<Isa>& info) {
  return info.param == Isa::avx512 ? "avx512" : info.param == Isa::avx2 ? "avx2" : "portable";
}
INSTANTIATE_TEST_SUITE_P(Isas, PhiloxBlocks, testing::Values(Isa::portable, Isa::avx2, Isa::avx512),
                         isa_name);

TEST(PhiloxBlocksDispatch, RefusesAnInstructionSetThatIsNotThere) {
  constexpr auto kBeyondAll = static_cast<Isa>(static_cast<int>(Isa::avx512) + 1);
  std::uint32_t word = 0;
  EXPECT_DEATH(philox_blocks({}, {}, {&word, 1}, kBeyondAll), "lacks the instruction set");
}

TEST(StreamKey, IsThePhiloxBlockOfSeedAndStage) {
  const auto words = reference_words({0x61637265, 0x73656564}, 2024, 3, 2);
  EXPECT_EQ(stream_key(2024, std::uint64_t{3}), (static_cast<std::uint64_t>(words[1]) << 32) | words[0]);
  EXPECT_EQ(stream_key(2024, std::uint64_t{3}), 0x667d00e26e5bedb5);
  EXPECT_NE(stream_key(3, std::uint64_t{2024}), stream_key(2024, std::uint64_t{3}));
}

// The hashes of "a" and "foobar" are those of the FNV reference test suite; a byte above 127 counts unsigned.
TEST(StreamKey, NumbersANamedStageByFnv1a) {
  EXPECT_EQ(stream_key(2024, "sweep"), 0xceb0fd34b2e4ec31);
  EXPECT_EQ(stream_key(7, ""), stream_key(7, std::uint64_t{0xcbf29ce484222325}));
  EXPECT_EQ(stream_key(7, "a"), stream_key(7, std::uint64_t{0xaf63dc4c8601ec8c}));
  EXPECT_EQ(stream_key(7, "foobar"), stream_key(7, std::uint64_t{0x85944171f73967e8}));
  EXPECT_EQ(stream_key(7, "\xe9"), stream_key(7, std::uint64_t{0xaf64644c8602d3a4}));
}

}  // namespace

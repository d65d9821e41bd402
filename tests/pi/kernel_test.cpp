#include "kernel.hpp"

#include <gtest/gtest.h>

#include <acre/base/error.hpp>
#include <acre/random/random.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using acre::random::best_isa;
using acre::random::Isa;
using pi::count_hits;

constexpr std::uint64_t kKey = 0x667d00e26e5bedb5;  // stream_key(2024, 3)

// hits[n] is the number of hits among the first n points.
std::vector<std::uint64_t> reference_hits(std::uint64_t key, std::uint64_t task_index, std::size_t samples) {
  std::vector<std::uint32_t> words(2 * samples);
  acre::Random(key, task_index).fill(words);
  std::vector<std::uint64_t> hits{0};
  for (std::size_t n = 0; n < samples; ++n) {
    const std::uint64_t x = words[2 * n] >> 1;
    const std::uint64_t y = words[2 * n + 1] >> 1;
    hits.push_back(hits.back() + (x * x + y * y < (std::uint64_t{1} << 62) ? 1 : 0));
  }
  return hits;
}

class PiKernel : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (GetParam() > best_isa()) GTEST_SKIP() << "this processor lacks the instruction set";
  }
};

TEST_P(PiKernel, EqualsThePlainLoopOverTheTasksStream) {
  for (const std::uint64_t key : {std::uint64_t{0}, kKey, ~std::uint64_t{0}}) {
    for (const std::uint64_t task :
         {std::uint64_t{0}, std::uint64_t{17}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
      const auto hits = reference_hits(key, task, 300);
      for (std::size_t samples = 0; samples < hits.size(); ++samples) {
        ASSERT_EQ(count_hits(key, task, samples, GetParam()), hits[samples])
            << key << " " << task << " " << samples;
      }
    }
  }
}

TEST_P(PiKernel, EqualsThePlainLoopForLargeCounts) {
  const auto hits = reference_hits(kKey, 3, 1'000'003);
  for (const std::size_t samples : {99'999, 524'288, 1'000'002, 1'000'003}) {
    EXPECT_EQ(count_hits(kKey, 3, samples, GetParam()), hits[samples]);
  }
}

// Counted by a separate program, in Python, from the definition in the header.
TEST_P(PiKernel, HasAPinnedTotal) { EXPECT_EQ(count_hits(kKey, 17, 1'000'001, GetParam()), 785'802U); }

std::string isa_name(const testing::TestParamInfo<Isa>& info) {
  return info.param == Isa::avx512 ? "avx512" : info.param == Isa::avx2 ? "avx2" : "portable";
}
INSTANTIATE_TEST_SUITE_P(Isas, PiKernel, testing::Values(Isa::portable, Isa::avx2, Isa::avx512), isa_name);

TEST(PiKernelDispatch, TakesTheBestInstructionSet) {
  EXPECT_EQ(count_hits(kKey, 5, 12'345), count_hits(kKey, 5, 12'345, Isa::portable));
}

TEST(PiKernelDispatch, RefusesMoreSamplesThanAStreamHolds) {
  EXPECT_THROW(count_hits(kKey, 5, (std::uint64_t{1} << 41) + 1), acre::Error);
}

}  // namespace

#include <gtest/gtest.h>

#include <acre/random/functions.hpp>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace {

using acre::random::natural_log;
using acre::random::normal_quantile;

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }
std::int64_t ulps(double a, double b) {
  return std::abs(std::bit_cast<std::int64_t>(a) - std::bit_cast<std::int64_t>(b));
}

TEST(NaturalLog, IsWithinOneUlpOfTheCLibrary) {
  EXPECT_EQ(natural_log(1.0), 0.0);
  for (int exponent = -1022; exponent <= 1023; ++exponent) {
    for (int i = 0; i < 200; ++i) {
      const double x = std::ldexp(1.0 + i / 200.0, exponent);
      ASSERT_LE(ulps(natural_log(x), std::log(x)), 1) << x;
    }
  }
  for (double x = 1.0; x > 0.5; x -= 0x1.2345p-17) ASSERT_LE(ulps(natural_log(x), std::log(x)), 1) << x;
}

TEST(NaturalLog, HasPinnedBits) {
  EXPECT_EQ(bits(natural_log(0x1p-53)), 0xc0425e4f7b2737fa);
  EXPECT_EQ(bits(natural_log(0.7)), 0xbfd6d3c324e13f50);
  EXPECT_EQ(bits(natural_log(3.0)), 0x3ff193ea7aad030a);
  EXPECT_EQ(bits(natural_log(std::numeric_limits<double>::min())), bits(std::log(0x1p-1022)));
}

struct Quantile {
  double p;
  std::uint64_t exact;  // bits of the double nearest the quantile, from mpmath with 60 digits
};

TEST(NormalQuantile, IsWithinAFewUlpOfTheExactValue) {
  constexpr Quantile kCases[] = {
      {1e-300, 0xc04286074064c26e},  {0x1p-53, 0xc0206b48528cea52}, {1e-20, 0xc022865170b43a4c},
      {1e-10, 0xc0197203597a2155},   {1e-5, 0xc0110f3f8843a3d9},    {0.01, 0xc0029c5c4630ff0f},
      {0.07, 0xbff79cd70d9c27f2},    {0.08, 0xbff67b2c51011cef},    {0.25, 0xbfe5956b87528a49},
      {0.4, 0xbfd036d6c4a04b59},     {0.9, 0x3ff4813c36e26d33},     {0.99, 0x40029c5c4630ff0e},
      {1 - 1e-9, 0x4017fdc11f93a210}};
  for (const auto& [p, exact] : kCases) {
    EXPECT_LE(ulps(normal_quantile(p), std::bit_cast<double>(exact)), 4) << p;
  }
}

TEST(NormalQuantile, InvertsTheDistributionFunction) {
  for (int i = 1; i < 20000; ++i) {
    const double p = i / 20000.0;
    const double back = 0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0));
    ASSERT_NEAR(back / p, 1.0, 4e-15) << p;
  }
}

TEST(NormalQuantile, IsOddAboutOneHalf) {
  EXPECT_EQ(normal_quantile(0.5), 0.0);
  for (std::uint64_t n = 1; n < (std::uint64_t{1} << 52); n = n * 3 + 2) {
    const double p = static_cast<double>(n) * 0x1p-53;
    ASSERT_EQ(normal_quantile(p), -normal_quantile(1.0 - p)) << p;
  }
}

TEST(NormalQuantile, HasPinnedBitsInEachBranch) {
  EXPECT_EQ(bits(normal_quantile(0.4)), 0xbfd036d6c4a04b59);
  EXPECT_EQ(bits(normal_quantile(0.99)), 0x40029c5c4630ff0c);
  EXPECT_EQ(bits(normal_quantile(1e-20)), 0xc022865170b43a4b);
}

}  // namespace

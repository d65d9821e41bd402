// With fixed seeds these are deterministic; the bounds say how far from theory a right generator may fall by
// chance.
#include <gtest/gtest.h>

#include <acre/random/random.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace {

using acre::Random;

constexpr std::size_t kCount = 1'000'000;
constexpr double kSigmas = 3.5;

template <class Draw>
std::vector<double> sample(std::uint64_t task, Draw draw) {
  Random stream(acre::random::stream_key(1, "statistics"), task);
  std::vector<double> out(kCount);
  for (double& x : out) x = draw(stream);
  return out;
}

// The mean of x^power must be `moment`; x^(2 power) has the mean `double_moment`.
void expect_moment(const std::vector<double>& xs, int power, double moment, double double_moment) {
  double sum = 0;
  for (const double x : xs) sum += std::pow(x, power);
  const double sigma = std::sqrt((double_moment - moment * moment) / static_cast<double>(xs.size()));
  EXPECT_NEAR(sum / static_cast<double>(xs.size()), moment, kSigmas * sigma) << "power " << power;
}

// Kolmogorov-Smirnov: sqrt(n) times the largest distance exceeds 1.95 with a probability of 0.1 %.
template <class Distribution>
void expect_distribution(std::vector<double> xs, Distribution distribution) {
  std::sort(xs.begin(), xs.end());
  const auto n = static_cast<double>(xs.size());
  double distance = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const double expected = distribution(xs[i]);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  EXPECT_LT(std::sqrt(n) * distance, 1.95);
}

TEST(Statistics, UniformHasItsMomentsAndDistribution) {
  const auto xs = sample(1, [](Random& stream) { return stream.uniform(); });
  for (int power = 1; power <= 4; ++power) expect_moment(xs, power, 1.0 / (power + 1), 1.0 / (2 * power + 1));
  expect_distribution(xs, [](double x) { return x; });
  EXPECT_GE(*std::min_element(xs.begin(), xs.end()), 0.0);
  EXPECT_LT(*std::max_element(xs.begin(), xs.end()), 1.0);
}

TEST(Statistics, NormalHasItsMomentsAndDistribution) {
  const auto xs = sample(2, [](Random& stream) { return stream.normal(); });
  expect_moment(xs, 1, 0, 1);
  expect_moment(xs, 2, 1, 3);
  expect_moment(xs, 3, 0, 15);
  expect_moment(xs, 4, 3, 105);
  expect_distribution(xs, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); });
}

TEST(Statistics, ExponentialHasItsMomentsAndDistribution) {
  const auto xs = sample(3, [](Random& stream) { return stream.exponential(); });
  expect_moment(xs, 1, 1, 2);
  expect_moment(xs, 2, 2, 24);
  expect_moment(xs, 3, 6, 720);
  expect_distribution(xs, [](double x) { return -std::expm1(-x); });
}

// Chi-square with 9 degrees of freedom exceeds 27.9 with a probability of 0.1 %.
TEST(Statistics, IntegersAreEquallyFrequent) {
  std::array<double, 10> counts{};
  for (const double x :
       sample(4, [](Random& stream) { return static_cast<double>(stream.integer(-3, 6)); })) {
    ++counts[static_cast<std::size_t>(x + 3)];
  }
  double chi_square = 0;
  for (const double count : counts)
    chi_square += (count - kCount / 10.0) * (count - kCount / 10.0) / (kCount / 10.0);
  EXPECT_LT(chi_square, 27.9);
}

TEST(Statistics, NeighbouringStreamsAreUncorrelated) {
  const auto draw = [](Random& stream) { return stream.normal(); };
  const auto xs = sample(5, draw);
  const auto ys = sample(6, draw);
  double sum = 0;
  for (std::size_t i = 0; i < kCount; ++i) sum += xs[i] * ys[i];
  EXPECT_LT(std::abs(sum), kSigmas * std::sqrt(static_cast<double>(kCount)));
}

}  // namespace

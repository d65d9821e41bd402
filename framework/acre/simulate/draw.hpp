// Random draws of a simulation: the same on every platform, since they use neither libm nor std
// distributions.
#pragma once

#include <cstdint>

#include <acre/base/time.hpp>
#include <acre/random/random.hpp>

namespace acre::simulate {

/// How times are distributed about their mean.
enum class Shape : std::uint8_t { constant, uniform, exponential, log_normal, bimodal };
inline constexpr std::uint32_t shapes = 5;

/// Draws from one stream of random numbers; streams of another seed or index are independent. A value; one
/// thread at a time; nothing blocks; throws Error after 2^41 numbers.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index, std::uint32_t substream = 0)
      : random_(random::stream_key(seed, std::uint64_t{0}), index, substream) {}

  /// Uniform on lo … hi, both included.
  std::uint32_t between(std::uint32_t lo, std::uint32_t hi) {
    return static_cast<std::uint32_t>(random_.integer(lo, hi));
  }
  /// True with the given probability.
  bool chance(double probability) { return random_.uniform() < probability; }

  /// One of the values, each as likely as the others.
  template <class Value, std::size_t n>
  Value one_of(const Value (&values)[n]) {
    return values[between(0, n - 1)];
  }

  /// A time of the given distribution, whose mean is `mean`: constant; uniform on (0, 2 mean); exponential;
  /// log-normal with sigma = 1; or bimodal, where one in twenty takes ten times as long as the others.
  /// At least 1 ns, unless the mean is zero.
  Duration time(Shape shape, Duration mean);

 private:
  double factor(Shape shape);

  Random random_;
};

}  // namespace acre::simulate

#include <algorithm>

#include <acre/simulate/draw.hpp>

namespace acre::simulate {
namespace {

/// e^x for small x, to about five digits, by the limit that defines it.
double exponential_of(double x) {
  constexpr int doublings = 20;
  double power = 1 + x / (1 << doublings);
  for (int i = 0; i < doublings; ++i) power *= power;
  return power;
}

}  // namespace

double Draw::factor(Shape shape) {
  switch (shape) {
    case Shape::constant:
      return 1;
    case Shape::uniform:
      return 2 * random_.uniform();
    case Shape::exponential:
      return random_.exponential();
    case Shape::log_normal:
      return exponential_of(random_.normal() - 0.5);
    case Shape::bimodal: {
      constexpr double stragglers = 0.05, slowness = 10;
      constexpr double common = 1 / (1 - stragglers + stragglers * slowness);
      return random_.uniform() < stragglers ? slowness * common : common;
    }
  }
  return 1;
}

Duration Draw::time(Shape shape, Duration mean) {
  if (mean == Duration::zero()) return mean;
  const double ns = static_cast<double>(mean.count()) * factor(shape);
  return Duration(std::max<std::int64_t>(1, static_cast<std::int64_t>(ns)));
}

}  // namespace acre::simulate

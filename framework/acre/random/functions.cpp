#include <acre/random/functions.hpp>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace acre::random {
namespace {

// Coefficients from the constant term upwards.
template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = coefficients[N - 1];
  for (std::size_t i = N - 1; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

struct Ratio {
  std::array<double, 8> numerator;
  std::array<double, 8> denominator;

  double operator()(double x) const { return polynomial(numerator, x) / polynomial(denominator, x); }
};

constexpr Ratio centre{
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3},
    {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
     3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3}};

constexpr Ratio flank{{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
                       3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
                       2.27238449892691845833e-2, 7.74545014278341407640e-4},
                      {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
                       1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                       1.05075007164441684324e-9}};

constexpr Ratio tail_part{{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
                           2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7},
                          {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1,
                           1.48753612908506148525e-2, 7.86869131145613259100e-4, 1.84631831751005468180e-5,
                           1.42151175831644588870e-7, 2.04426310338993978564e-15}};

}  // namespace

double natural_log(double x) noexcept {
  constexpr double ln2_high = 0x1.62e42feep-1;
  constexpr double ln2_low = 0x1.a39ef35793c76p-33;
  constexpr std::array<double, 8> series = {0.0,
                                            6.666666666666735130e-01,
                                            3.999999999940941908e-01,
                                            2.857142874366239149e-01,
                                            2.222219843214978396e-01,
                                            1.818357216161805012e-01,
                                            1.531383769920937332e-01,
                                            1.479819860511658591e-01};
  // x = 2^exponent (1 + f) with 1 + f between sqrt(1/2) and sqrt(2).
  constexpr std::uint64_t sqrt_half = 0x3fe6a09e667f3bcd;
  const std::uint64_t offset = std::bit_cast<std::uint64_t>(x) - sqrt_half;
  const double exponent = static_cast<double>(static_cast<std::int64_t>(offset) >> 52);
  const double f = std::bit_cast<double>((offset & 0x000fffffffffffff) + sqrt_half) - 1.0;
  const double s = f / (2.0 + f);
  const double remainder = polynomial(series, s * s);
  const double half_square = 0.5 * f * f;
  const double low = s * (half_square + remainder) + exponent * ln2_low;
  return exponent * ln2_high - ((half_square - low) - f);
}

double normal_quantile(double p) noexcept {
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * centre(0.180625 - q * q);
  const double r = std::sqrt(-natural_log(q < 0.0 ? p : 1.0 - p));
  const double magnitude = r <= 5.0 ? flank(r - 1.6) : tail_part(r - 5.0);
  return q < 0.0 ? -magnitude : magnitude;
}

}  // namespace acre::random

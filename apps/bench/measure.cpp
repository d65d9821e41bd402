#include "measure.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

namespace bench {
namespace {
double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return static_cast<double>(used.ru_utime.tv_sec) + 1e-6 * static_cast<double>(used.ru_utime.tv_usec);
}
}  // namespace

double seconds(const std::function<void()>& call) {
  const acre::Instant begin = acre::now();
  call();
  return std::chrono::duration<double>(acre::now() - begin).count();
}

double Figure::median() const {
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

void Figure::print() const {
  const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
  fmt::print("{:<44} {:>10.4g} {:<12} ({:.4g} to {:.4g}, {} runs)\n", name_, median(), unit_, *least, *most,
             values_.size());
}

std::uint64_t turn(std::uint64_t turns) {
  std::uint64_t state = turns;
  for (std::uint64_t i = 0; i < turns; ++i) state = state * 6364136223846793005u + 1442695040888963407u;
  return state;
}

double turns_per_us() {
  constexpr std::uint64_t turns = 20'000'000;
  std::uint64_t kept = turn(turns / 10);
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double begin = cpu_seconds();
    kept ^= turn(turns);
    best = std::min(best, cpu_seconds() - begin);
  }
  if (kept == 0) fmt::print("\n");
  return static_cast<double>(turns) / best * 1e-6;
}

}  // namespace bench

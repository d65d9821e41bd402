// A large matrix to a task and back, beside what memcpy makes of it in the same run.
#include <cstring>

#include "commands.hpp"

namespace bench {
namespace {
using Matrix = std::vector<double>;

/// Gives back what it was given, after a look at it.
Matrix bounce(Matrix matrix) {
  matrix.front() += 1;
  return matrix;
}
}  // namespace

// The first trips of a program take long, in new pages: they count in the first run.
void bandwidth(acre::Session& session, const Options& options) {
  constexpr int trips = 5;
  auto executor = session.executor({.workers = options.workers});
  const std::size_t numbers = options.scaled(std::size_t{8} << 20);
  const double moved = 2.0 * trips * sizeof(double) * static_cast<double>(numbers);
  Matrix matrix(numbers, 1.5), copy(numbers, 0.5);
  Figure task("matrix to a task and back", "GB/s"), plain("memcpy", "GB/s"), ratio("ratio to memcpy", "");
  executor.submit<bounce>(matrix).get();
  for (int run = 0; run < options.runs; ++run) {
    double copied = 0, bounced = 0;
    for (int trip = 0; trip < trips; ++trip) {
      copied += seconds([&] {
        std::memcpy(copy.data(), matrix.data(), numbers * sizeof(double));
        std::memcpy(matrix.data(), copy.data(), numbers * sizeof(double));
      });
      bounced += seconds([&] { copy = executor.submit<bounce>(matrix).get(); });
      if (copy.front() != matrix.front() + 1 || copy.back() != matrix.back())
        throw acre::Error("a matrix came back from a task with other numbers in it");
    }
    task.add(1e-9 * moved / bounced);
    plain.add(1e-9 * moved / copied);
    ratio.add(copied / bounced);
  }
  task.print(options);
  plain.print(options);
  ratio.print(options);
}

}  // namespace bench

#include "tiles.hpp"

#include <fmt/format.h>

#include <Eigen/Core>

#include <cmath>
#include <numeric>

#include "commands.hpp"

namespace bench {
namespace {
using Eigen::Index;
using Tile = std::vector<double>;
constexpr Index edge = Tiles::edge;

struct Factors {
  Eigen::MatrixXd a, b;
};

Factors make_factors(std::uint32_t n) {
  const auto make = [n](double turn) {
    return Eigen::MatrixXd::NullaryExpr(n, n, [turn](Index row, Index column) {
      return std::sin(turn * static_cast<double>(3 * row + 7 * column));
    });
  };
  return {make(0.37), make(0.53)};
}

/// The tile of the product with this number, column by column of tiles.
Tile multiply(acre::Preloaded<Factors> factors, std::uint64_t number) {
  const Index tiles = factors->a.rows() / edge, row = static_cast<Index>(number) % tiles,
              column = static_cast<Index>(number) / tiles;
  Tile tile(static_cast<std::size_t>(edge * edge));
  Eigen::Map<Eigen::MatrixXd>(tile.data(), edge, edge).noalias() =
      factors->a.middleRows(row * edge, edge) * factors->b.middleCols(column * edge, edge);
  return tile;
}

/// Freivalds' check: (A B) x = A (B x), here with a vector of ones.
void check(const Factors& factors, const Eigen::VectorXd& row_sums) {
  const Eigen::VectorXd wanted = factors.a * (factors.b * Eigen::VectorXd::Ones(factors.b.cols()));
  const double error = (row_sums - wanted).lpNorm<Eigen::Infinity>();
  if (!(error <= 1e-9 * static_cast<double>(factors.a.rows())))
    throw acre::Error(fmt::format("the product by tiles is wrong by {}", error));
}
}  // namespace

Tiles::Tiles(acre::Session& session, int workers, std::uint32_t n)
    : n_(n), executor_(session.executor({.workers = workers, .preload = acre::hook<make_factors>(n)})) {
  executor_.submit<multiply>(0).get();
}

std::uint32_t Tiles::rows(const Options& options) { return edge * options.scaled<std::uint32_t>(16); }

double Tiles::run() {
  const Index tiles = n_ / edge;
  std::vector<std::uint64_t> numbers(static_cast<std::size_t>(tiles * tiles));
  std::iota(numbers.begin(), numbers.end(), 0);
  Eigen::VectorXd row_sums = Eigen::VectorXd::Zero(n_);
  const double taken = seconds([&] {
    Index number = 0;
    for (const Tile& tile : executor_.map<multiply>(numbers))
      row_sums.segment(number++ % tiles * edge, edge) +=
          Eigen::Map<const Eigen::MatrixXd>(tile.data(), edge, edge).rowwise().sum();
  });
  check(make_factors(n_), row_sums);
  return taken;
}

void tiles(acre::Session& session, const Options& options) {
  const std::uint32_t n = Tiles::rows(options);
  Tiles product(session, options.workers, n);
  Figure figure("matrix product by tiles", "Gflop/s");
  figure.at(n, "rows");
  const double flops = 2.0 * n * n * n;
  for (int run = 0; run < options.runs; ++run) figure.add(1e-9 * flops / product.run());
  figure.print(options);
}

}  // namespace bench

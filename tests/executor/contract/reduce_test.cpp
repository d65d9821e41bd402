// reduce: the same result to the last bit however many workers there are.
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

std::uint64_t square(std::uint64_t x) { return x * x; }
double inverse(double x) { return 1 / x; }
double plus(double a, double b) { return a + b; }
std::string text_of(int number) {
  if (number < 0) throw std::domain_error("below nothing");
  return std::to_string(number);
}
std::string joined(std::string left, const std::string& right) { return "(" + left + right + ")"; }
double drawn(Context& context, double scale) { return scale * context.random().uniform(); }
std::unique_ptr<int> moved(std::unique_ptr<int> number) { return number; }
std::unique_ptr<int> second(const std::unique_ptr<int>&, std::unique_ptr<int> b) { return b; }

using Reduce = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Reduce, every_method, method_name);

TEST_P(Reduce, folds_ranges_of_every_kind) {
  Executor executor = open({.workers = 2});
  constexpr auto sum = [](std::uint64_t a, std::uint64_t b) { return a + b; };
  EXPECT_EQ((executor.reduce<square, sum>(CountUp(10'000), 5)), 333'283'335'005u);
  EXPECT_EQ((executor.reduce<square, sum>({1, 2, 3}, 0)), 14u);
  EXPECT_EQ((executor.reduce<square, std::plus<>{}>(std::vector<int>{1, 2}, 0)), 5u);
  EXPECT_EQ((executor.reduce<square, sum>(CountUp(0), 7)), 7u) << "of nothing";
  EXPECT_EQ(*(executor.reduce<moved, second>(OwnedItems(3), nullptr)), 2);
}

TEST_P(Reduce, folds_blocks_in_order_and_their_results_on_a_tree) {
  Executor executor = open({.workers = 2});
  const std::vector<int> items{1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ((executor.reduce<text_of, joined>(items, "0", {.block = 3})), "(0((((12)3)((45)6))7))");
  EXPECT_EQ((executor.reduce<text_of, joined>(items, "0", {.block = 1})), "(0(((12)(34))((56)7)))");
  EXPECT_EQ((executor.reduce<text_of, joined>(items, "0")), "(0((((((12)3)4)5)6)7))");
  EXPECT_THROW((executor.reduce<text_of, joined>(items, "0", {.block = 0})), Error);
}

TEST_P(Reduce, rounds_alike_whatever_the_workers) {
  std::vector<double> items(100'000);
  std::iota(items.begin(), items.end(), 1.0);
  Executor one = open({.workers = 1, .seed = 3}), three = open({.workers = 3, .seed = 3});
  const double sum = one.reduce<inverse, plus>(items, 0);
  EXPECT_NEAR(sum, std::log(1e5) + 0.5772156649015329 + 0.5e-5, 1e-9);
  EXPECT_EQ((three.reduce<inverse, plus>(items, 0)), sum);
  EXPECT_NE((one.reduce<inverse, plus>(items, 0, {.block = items.size()})), sum)
      << "the block decides the rounding";
  const ReduceOptions named{.map = {.stage = "draws"}};
  const double draws = one.reduce<drawn, plus>(items, 0, named);
  EXPECT_EQ((three.reduce<drawn, plus>(items, 0, named)), draws);
}

TEST_P(Reduce, throws_what_a_block_threw) {
  Executor executor = open({.workers = 2});
  EXPECT_THROW((executor.reduce<text_of, joined>({1, -1, 2}, "")), Thrown<std::domain_error>);
}

}  // namespace
}  // namespace acre::test

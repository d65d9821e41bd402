// starmap, several ranges, outcomes, and the window and the timeout of a map.
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

std::uint64_t power(std::uint64_t base, int exponent) {
  std::uint64_t value = 1;
  for (int i = 0; i < exponent; ++i) value *= base;
  return value;
}
std::string repeated(const std::string& text, std::size_t times, char end) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all + end;
}
int unwrapped(const std::unique_ptr<int>& owned, int factor) { return *owned * factor; }
int seven() { return 7; }
void note(int number) {
  if (number < 0) throw std::range_error("below nothing");
  shared(static_cast<std::size_t>(number)).add();
}
std::uint64_t not_seven(std::uint64_t item) {
  if (item % 10 == 7) throw std::domain_error("seven: " + std::to_string(item));
  return item;
}
std::uint64_t gated(std::uint64_t item) {
  shared(0).await(1);
  return item;
}

template <class R>
auto collected(R results) {
  std::vector<std::decay_t<decltype(*results.begin())>> values;
  for (auto& value : results) values.push_back(std::move(value));
  return values;
}

using Starmap = Contract;
using Outcomes = Contract;
using MapOptionsContract = Contract;
using MapOptionsBeside = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Starmap, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, Outcomes, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, MapOptionsContract, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, MapOptionsBeside, beside, method_name);

TEST_P(Starmap, spreads_tuples_and_pairs_over_the_arguments) {
  Executor executor = open({.workers = 2});
  const std::vector<std::uint64_t> eight_nine{8, 9};
  EXPECT_EQ(collected(executor.starmap<power>({{2, 3}, {3, 2}})), eight_nine) << "braced";
  const std::vector<std::pair<short, short>> pairs{{2, 3}, {3, 2}};
  EXPECT_EQ(collected(executor.starmap<power>(pairs)), eight_nine) << "pairs that convert";
  const std::map<std::uint64_t, int> entries{{2, 3}, {3, 2}};
  EXPECT_EQ(collected(executor.starmap<power>(entries)), eight_nine) << "a map's entries";
  const std::vector<std::tuple<const char*, int, char>> tuples{{"ab", 2, '!'}, {"", 5, '.'}};
  EXPECT_EQ(collected(executor.starmap<repeated>(tuples)), (std::vector<std::string>{"abab!", "."}));
  EXPECT_EQ(collected(executor.starmap<seven>(std::vector<std::tuple<>>(2))), (std::vector<int>{7, 7}));
}

TEST_P(Starmap, unordered_yields_every_result_once) {
  Executor executor = open({.workers = 2});
  const std::vector<std::pair<std::uint64_t, int>> pairs(5000, {2, 3});
  std::uint64_t sum = 0, seen = 0;
  for (const std::uint64_t value : executor.starmap_unordered<power>(pairs)) sum += value, ++seen;
  EXPECT_EQ(sum, 40'000u);
  EXPECT_EQ(seen, 5000u);
}

TEST_P(Starmap, map_over_several_ranges_ends_with_the_shortest) {
  Executor executor = open({.workers = 2});
  const std::vector<std::uint64_t> bases{2, 3, 4};
  EXPECT_EQ(collected(executor.map<power>(bases, std::vector<int>{1, 2})),
            (std::vector<std::uint64_t>{2, 9}));
  EXPECT_EQ(collected(executor.map<power>(CountUp(0), same(2))).size(), 0u);
}

TEST_P(Starmap, map_over_generators_and_the_same_argument) {
  Executor executor = open({.workers = 2});
  const std::vector<std::uint64_t> squares{0, 1, 4, 9};
  EXPECT_EQ(collected(executor.map<power>(CountUp(4), same(2))), squares) << "one that can only be moved";
  CountUp kept(4);
  EXPECT_EQ(collected(executor.map<power>(kept, same(2))), squares) << "one that is kept outside";
  EXPECT_EQ(collected(executor.map<unwrapped>(OwnedItems(3), same(10))), (std::vector<int>{0, 10, 20}));
  const std::string text = "ab";
  EXPECT_EQ(collected(executor.map<repeated>(same(text), std::vector<std::size_t>{1, 0}, same('.'))),
            (std::vector<std::string>{"ab.", "."}));
  EXPECT_EQ(collected(executor.starmap<power>(zip(CountUp(4), same(2)), {.chunk = 1})), squares);
}

TEST_P(Outcomes, yield_failures_at_their_places) {
  Executor executor = open({.workers = 2});
  std::uint64_t expected = 0;
  for (const auto& outcome : executor.map_outcomes<not_seven>(CountUp(100))) {
    ASSERT_EQ(static_cast<bool>(outcome), expected % 10 != 7);
    if (outcome) {
      EXPECT_EQ(*outcome, expected);
      outcome.rethrow();
    } else {
      EXPECT_EQ(outcome.failure().message, "seven: " + std::to_string(expected));
      EXPECT_EQ(outcome.failure().type, "std::domain_error");
      EXPECT_EQ(outcome.failure().task, expected);
      EXPECT_THROW(outcome.rethrow(), Thrown<std::domain_error>);
    }
    ++expected;
  }
  EXPECT_EQ(expected, 100u);
}

TEST_P(Outcomes, of_functions_without_results_and_of_values_that_are_moved_out) {
  Executor executor = open({.workers = 2});
  std::vector<bool> succeeded;
  for (const auto& outcome : executor.map_outcomes<note>({1, -1, 1}))
    succeeded.push_back(static_cast<bool>(outcome));
  EXPECT_EQ(succeeded, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(shared(1).get(), 2u);
  for (auto& outcome : executor.map_outcomes<[](int n) { return std::make_unique<int>(n); }>({4, 4})) {
    EXPECT_EQ(**outcome, 4);
    const std::unique_ptr<int> moved = *std::move(outcome);
    EXPECT_EQ(*moved, 4);
  }
}

TEST_P(MapOptionsContract, a_window_counts_items_under_way) {
  Executor executor = open({.workers = 2});
  std::uint64_t made = 0;
  auto results = executor.map<not_seven>(CountUp(CountUp::for_ever, &made), {.window = 4});
  auto at = results.begin();
  EXPECT_EQ(*at, 0u);
  EXPECT_LE(made, 4u);
  EXPECT_GE(made, 1u);
  for (std::uint64_t i = 1; i < 7; ++i) {
    ++at;
    EXPECT_EQ(*at, i);
    EXPECT_LE(made, i + 4);
  }
}

TEST_P(MapOptionsBeside, a_timeout_counts_from_the_call_and_iterating_can_go_on) {
  Executor executor = open({.workers = 1});
  auto results = executor.map<gated>(CountUp(3), {.timeout = Duration{0}});
  EXPECT_THROW(results.begin(), TimeoutError);
  EXPECT_THROW(results.begin(), TimeoutError) << "it does not begin anew";
  shared(0).add();
  executor.submit<not_seven>(1).get();
  EXPECT_EQ(collected(std::move(results)), (std::vector<std::uint64_t>{0, 1, 2}))
      << "what is there is yielded";
}

TEST_P(MapOptionsBeside, a_timeout_holds_for_unordered_maps_too) {
  Executor executor = open({.workers = 1});
  auto results = executor.map_unordered<gated>({1, 2}, {.timeout = Duration{0}});
  EXPECT_THROW(results.begin(), TimeoutError);
  shared(0).add();
}

}  // namespace
}  // namespace acre::test

// What can be a task: function objects with state, const member functions, values that can only be moved.
#include <memory>
#include <string>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {

struct Line {
  double slope = 0, offset = 0;
  double operator()(double x) const { return slope * x + offset; }
  double at(Context& context, double x, int shift) const {
    return (*this)(x) + shift * static_cast<double>(context.index());
  }
  double root() const noexcept { return -offset / slope; }
};
ACRE_RECORD(Line, slope, offset)

struct Words {
  std::vector<std::string> words;
  std::string operator()(Context& context, const std::string& between, std::unique_ptr<int> times) const {
    std::string all = std::to_string(context.index()) + ":";
    for (int i = 0; i < *times; ++i)
      for (const std::string& word : words) all += between + word;
    return all;
  }
};
ACRE_RECORD(Words, words)

namespace {

std::unique_ptr<std::string> owned(const std::string& text) { return std::make_unique<std::string>(text); }

using Objects = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Objects, every_method, method_name);

TEST_P(Objects, with_state_travel_with_the_arguments) {
  Executor executor = open({.workers = 2});
  const Line line{.slope = 2, .offset = 1};
  EXPECT_EQ(executor.submit(line, 3).get(), 7.0);
  EXPECT_EQ(executor.submit(Words{{"a", "b"}}, "-", std::make_unique<int>(2)).get(), "1:-a-b-a-b");
  EXPECT_EQ(executor.submit_with({.priority = 1}, line, 4.0).get(), 9.0);
  const auto tried = executor.try_submit(line, 5);
  ASSERT_TRUE(tried.has_value());
  EXPECT_EQ(tried->get(), 11.0);
}

TEST_P(Objects, that_are_constants_are_template_arguments) {
  Executor executor = open({.workers = 2});
  EXPECT_EQ((executor.submit<Line{.slope = 2, .offset = 1}>(3).get()), 7.0);
  std::vector<double> values;
  for (const double value : executor.map<Line{.slope = 3, .offset = 0}>({1, 2})) values.push_back(value);
  EXPECT_EQ(values, (std::vector<double>{3, 6}));
}

TEST_P(Objects, lend_their_const_member_functions) {
  Executor executor = open({.workers = 2});
  const Line line{.slope = 2, .offset = 1};
  EXPECT_EQ(executor.submit<&Line::root>(line).get(), -0.5);
  EXPECT_EQ((executor.submit<&Line::at>(line, 3, 10).get()), 17.0) << "what is injected follows the object";
  EXPECT_EQ(executor.submit<&std::string::size>(std::string("four")).get(), 4u);
  std::vector<double> values;
  for (const double root : executor.map<&Line::root>({line, Line{.slope = 1, .offset = 3}}))
    values.push_back(root);
  for (const double y : executor.map<&Line::operator()>(same(line), std::vector<double>{0, 1}))
    values.push_back(y);
  EXPECT_EQ(values, (std::vector<double>{-0.5, -3, 1, 3}));
}

TEST_P(Objects, that_can_only_be_moved_are_arguments_and_results) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(*executor.submit<owned>("text").get(), "text");
  const std::unique_ptr<std::string> moved = executor.submit<owned>("moved out").get();
  EXPECT_EQ(*moved, "moved out");
  auto future = executor.submit([](std::unique_ptr<int> number) { return number; }, std::make_unique<int>(5));
  EXPECT_EQ(*future.get(), 5);
  const std::unique_ptr<int> out = std::move(future).get();
  EXPECT_EQ(*out, 5);
  int sum = 0;
  for (auto& number : executor.map<[](std::unique_ptr<int> number) { return number; }>(OwnedItems(4))) {
    const std::unique_ptr<int> kept = std::move(number);
    sum += *kept;
  }
  EXPECT_EQ(sum, 6);
}

}  // namespace
}  // namespace acre::test

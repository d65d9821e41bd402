// map and map_unordered: every kind of range, order, failures in the middle, breaking off.
#include <algorithm>
#include <array>
#include <list>
#include <numeric>
#include <string>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

std::uint64_t square(std::uint64_t x) { return x * x; }
std::size_t size_of(const std::string& text) { return text.size(); }
int unwrapped(const std::unique_ptr<int>& owned) { return *owned; }
void count(int number) { shared(static_cast<std::size_t>(number)).add(); }

template <class R>
auto collected(R results) {
  std::vector<std::decay_t<decltype(*results.begin())>> values;
  for (auto& value : results) values.push_back(std::move(value));
  return values;
}

std::vector<std::uint64_t> squares(std::size_t n) {
  std::vector<std::uint64_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = i * i;
  return values;
}

std::vector<std::uint64_t> numbers(std::size_t n) {
  std::vector<std::uint64_t> values(n);
  std::iota(values.begin(), values.end(), std::uint64_t{0});
  return values;
}

using Map = Contract;
using MapBeside = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Map, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, MapBeside, beside, method_name);

TEST_P(Map, yields_results_in_the_order_of_the_items) {
  Executor executor = open({.workers = 2});
  const std::vector<std::uint64_t> items = numbers(5000);
  EXPECT_EQ(collected(executor.map<square>(items)), squares(5000)) << "an lvalue, const";
  EXPECT_EQ(items.size(), 5000u);
  EXPECT_EQ(collected(executor.map<square>(numbers(5000))), squares(5000)) << "an rvalue";
  EXPECT_EQ(collected(executor.map<square>(CountUp(5000))), squares(5000)) << "a generator, moved in";
  CountUp generator(5000);
  EXPECT_EQ(collected(executor.map<square>(generator)), squares(5000)) << "a generator, kept outside";
}

TEST_P(Map, takes_braced_lists_lists_arrays_and_items_that_convert) {
  Executor executor = open({.workers = 2});
  EXPECT_EQ(collected(executor.map<square>({3, 1, 2})), (std::vector<std::uint64_t>{9, 1, 4}));
  EXPECT_EQ(collected(executor.map<square>(std::list<short>{5, 4})), (std::vector<std::uint64_t>{25, 16}));
  const std::array<const char*, 3> texts{"", "a", "abc"};
  EXPECT_EQ(collected(executor.map<size_of>(texts)), (std::vector<std::size_t>{0, 1, 3}));
  EXPECT_EQ(collected(executor.map<unwrapped>(OwnedItems(3))), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(collected(executor.map<[](int x) { return -x; }>({1, 2})), (std::vector<int>{-1, -2}));
  const std::vector<bool> bits{true, false};
  EXPECT_EQ(collected(executor.map<[](bool bit) { return !bit; }>(bits)), (std::vector<bool>{false, true}));
}

TEST_P(Map, of_nothing_yields_nothing) {
  Executor executor = open({.workers = 1});
  EXPECT_TRUE(collected(executor.map<square>(numbers(0))).empty());
  EXPECT_TRUE(collected(executor.map_unordered<square>(CountUp(0))).empty());
}

TEST_P(Map, unordered_yields_every_result_once) {
  Executor executor = open({.workers = 2});
  auto values = collected(executor.map_unordered<square>(CountUp(20'000)));
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, squares(20'000));
  auto braced = collected(executor.map_unordered<square>({1, 2}));
  std::sort(braced.begin(), braced.end());
  EXPECT_EQ(braced, (std::vector<std::uint64_t>{1, 4}));
}

// Task 0 cannot end before task 1 has been seen by this thread.
std::uint64_t first_waits(std::uint64_t item) {
  if (item == 0) shared(0).await(1);
  return item;
}

TEST_P(MapBeside, unordered_yields_results_as_they_come) {
  Executor executor = open({.workers = 2});
  auto results = executor.map_unordered<first_waits>(numbers(2));
  auto at = results.begin();
  EXPECT_EQ(*at, 1u);
  shared(0).add();
  ++at;
  EXPECT_EQ(*at, 0u);
  ++at;
  EXPECT_TRUE(at == results.end());
}

TEST_P(Map, of_functions_without_results_runs_every_task) {
  Executor executor = open({.workers = 2});
  for (auto& result : executor.map<count>({1, 2, 2})) static_cast<void>(result);
  EXPECT_EQ(shared(1).get(), 1u);
  EXPECT_EQ(shared(2).get(), 2u);
}

TEST_P(Map, of_very_many_items) {
  Executor executor = open({.workers = 2});
  std::uint64_t expected = 0;
  for (const std::uint64_t value : executor.map<square>(CountUp(200'000))) {
    ASSERT_EQ(value, expected * expected);
    ++expected;
  }
  EXPECT_EQ(expected, 200'000u);
}

std::uint64_t not_seven(std::uint64_t item) {
  if (item % 10 == 7) throw std::domain_error("seven: " + std::to_string(item));
  return item;
}

TEST_P(Map, throws_at_the_failing_position_and_goes_on_after_it) {
  Executor executor = open({.workers = 2});
  auto results = executor.map<not_seven>(CountUp(100));
  std::vector<std::uint64_t> values;
  int failures = 0;
  for (bool ended = false; !ended;) {
    try {
      for (const std::uint64_t value : results) values.push_back(value);
      ended = true;
    } catch (const std::domain_error& error) {
      EXPECT_EQ(error.what(), "seven: " + std::to_string(values.size() + static_cast<std::size_t>(failures)));
      const auto* info = dynamic_cast<const TaskInfo*>(&error);
      ASSERT_NE(info, nullptr);
      EXPECT_EQ(info->task, static_cast<std::uint64_t>(10 * failures + 7));
      ++failures;
    }
  }
  EXPECT_EQ(failures, 10);
  EXPECT_EQ(values.size(), 90u);
}

TEST_P(Map, reads_its_range_a_bounded_window_ahead) {
  Executor executor = open({.workers = 1});
  std::uint64_t made = 0;
  auto results = executor.map<square>(CountUp(CountUp::for_ever, &made));
  EXPECT_EQ(made, 0u) << "read before anybody iterates";
  EXPECT_EQ(*results.begin(), 0u);
  EXPECT_LE(made, 5000u);
}

std::string echoed(const std::string& text) { return text; }

TEST_P(MapBeside, holds_its_window_in_bytes_too) {
  Executor executor = open({.workers = 1});
  const std::vector<std::string> items(1000, std::string(10'000, 'x'));
  std::size_t read = 0;
  struct Reader {
    const std::vector<std::string>* items;
    std::size_t* read;
    struct iterator {
      using value_type = std::string;
      using difference_type = std::ptrdiff_t;
      const Reader* reader;
      std::size_t at;
      const std::string& operator*() const { return ++*reader->read, reader->items->at(at); }
      iterator& operator++() { return ++at, *this; }
      void operator++(int) { ++at; }
      bool operator==(std::default_sentinel_t) const { return at == reader->items->size(); }
    };
    iterator begin() const { return {this, 0}; }
    std::default_sentinel_t end() const { return {}; }
  };
  auto results = executor.map<echoed>(Reader{&items, &read}, {.window_bytes = 100'000});
  EXPECT_EQ(*results.begin(), items[0]);
  EXPECT_LE(read, 10u);
  EXPECT_GE(read, 9u);
}

std::uint64_t gated(std::uint64_t item) {
  shared(1).add();
  shared(0).await(1);
  return item;
}

TEST_P(Map, broken_off_takes_back_what_has_not_started) {
  Executor executor = open({.workers = 1});
  {
    auto results = executor.map<gated>(CountUp());
    std::thread opener([] {
      shared(1).await(1);
      shared(0).add();
    });
    EXPECT_EQ(*results.begin(), 0u);
    opener.join();
    shared(0).set(0);
  }
  const std::uint32_t started = shared(1).get();
  shared(0).set(1);
  executor.submit<square>(1).get();
  // While the gate was open, tasks were quick: then a worker claims up to 15 ahead of the one that it runs.
  EXPECT_LE(shared(1).get(), started + 16) << "only what was starting just then may have run";
}

TEST_P(Map, several_at_once_over_one_executor_do_not_mix) {
  Executor executor = open({.workers = 2});
  auto first = executor.map<square>(CountUp(3000));
  auto second = executor.map<not_seven>(CountUp(7));
  auto at = first.begin();
  std::uint64_t expected = 0;
  for (const std::uint64_t value : second) {
    EXPECT_EQ(value, expected);
    EXPECT_EQ(*at, expected * expected);
    ++at;
    ++expected;
  }
  EXPECT_EQ(expected, 7u);
}

TEST_P(Map, goes_on_when_its_executor_is_moved) {
  Executor executor = open({.workers = 1});
  auto results = executor.map<square>(CountUp(10));
  EXPECT_EQ(*results.begin(), 0u);
  Executor moved = std::move(executor);
  auto rest = std::move(results);
  EXPECT_EQ(collected(std::move(rest)), squares(10));
}

std::uint64_t faulty(std::uint64_t) { return 0; }

struct Faulty {
  struct iterator {
    using value_type = std::uint64_t;
    using difference_type = std::ptrdiff_t;
    std::uint64_t at = 0;
    std::uint64_t operator*() const {
      if (at == 3) throw std::runtime_error("the source is broken");
      return at;
    }
    iterator& operator++() { return ++at, *this; }
    void operator++(int) { ++at; }
    bool operator==(std::default_sentinel_t) const { return false; }
  };
  iterator begin() const { return {}; }
  std::default_sentinel_t end() const { return {}; }
};

TEST_P(Map, passes_on_what_its_range_throws) {
  Executor executor = open({.workers = 1});
  auto results = executor.map<faulty>(Faulty{});
  EXPECT_THROW(
      {
        for (const std::uint64_t value : results) EXPECT_EQ(value, 0u);
      },
      std::runtime_error);
  EXPECT_EQ(executor.submit<square>(2).get(), 4u);
}

}  // namespace
}  // namespace acre::test

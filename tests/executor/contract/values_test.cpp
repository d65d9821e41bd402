// What travels to a task and back: values of all kinds and sizes, unchanged.
#include <cmath>
#include <complex>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <acre/channel/worker_channel.hpp>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {

struct Inner {
  std::string name;
  std::optional<double> weight;
  bool operator==(const Inner&) const = default;
};
ACRE_RECORD(Inner, name, weight)

struct Outer {
  std::int16_t number = 0;
  std::vector<Inner> inner;
  std::map<std::string, std::array<float, 3>> table;
  std::variant<int, std::string> choice;
  std::complex<double> z;
  bool operator==(const Outer&) const = default;
};
ACRE_RECORD(Outer, number, inner, table, choice, z)

template <class T>
T echo(T value) {
  return value;
}

template <class T>
T echo_reference(const T& value) {
  return value;
}

template <class T>
void expect_echo(Executor& executor, const T& value) {
  EXPECT_EQ(executor.submit<echo<T>>(value).get(), value);
  EXPECT_EQ(executor.submit<echo_reference<T>>(value).get(), value);
}

using Values = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Values, every_method, method_name);

TEST_P(Values, of_all_kinds_come_back_as_they_went) {
  Executor executor = open({.workers = 1});
  expect_echo<bool>(executor, true);
  expect_echo<char>(executor, '\xff');
  expect_echo<std::int64_t>(executor, std::numeric_limits<std::int64_t>::min());
  expect_echo<std::uint64_t>(executor, std::numeric_limits<std::uint64_t>::max());
  expect_echo<double>(executor, std::numeric_limits<double>::denorm_min());
  expect_echo<std::string>(executor, std::string("a\0b", 3));
  expect_echo<std::vector<bool>>(executor, {true, false, true});
  expect_echo<std::pair<int, std::string>>(executor, {-1, "one"});
  const Outer outer{-7, {{"a", 1.5}, {"b", {}}}, {{"row", {1, 2, 3}}}, std::string("text"), {1, -1}};
  expect_echo(executor, outer);
}

TEST_P(Values, that_are_empty_come_back_empty) {
  Executor executor = open({.workers = 1});
  expect_echo<std::string>(executor, {});
  expect_echo<std::vector<int>>(executor, {});
  expect_echo<std::optional<std::string>>(executor, {});
  expect_echo<std::vector<std::vector<std::string>>>(executor, {{}, {}});
  expect_echo<std::tuple<>>(executor, {});
  expect_echo(executor, Outer{});
}

TEST_P(Values, that_mean_false_or_nothing_are_values) {
  Executor executor = open({.workers = 1});
  expect_echo<bool>(executor, false);
  expect_echo<int>(executor, 0);
  expect_echo<char>(executor, '\0');
  expect_echo<std::monostate>(executor, {});
  expect_echo<std::variant<std::monostate, int>>(executor, {});
  expect_echo<std::optional<std::optional<int>>>(executor, std::optional<int>());
  expect_echo<std::map<std::string, int>>(executor, {});
  expect_echo<std::string>(executor, std::string(1, '\0'));
  EXPECT_TRUE(std::signbit(executor.submit<echo<double>>(-0.0).get()));
  EXPECT_TRUE(std::isnan(executor.submit<echo<double>>(std::nan("")).get()));
  EXPECT_EQ(executor.submit<echo<std::unique_ptr<int>>>(std::unique_ptr<int>()).get(), nullptr);
}

int subtract(int a, int b) { return a - b; }
int none() { return 5; }
std::size_t length(const std::string& text) { return text.size(); }
double half(double x) { return x / 2; }

TEST_P(Values, arguments_keep_their_order_and_convert_as_in_a_call) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<subtract>(5, 3).get(), 2);
  EXPECT_EQ(executor.submit<none>().get(), 5);
  EXPECT_EQ(executor.submit<length>("a literal").get(), 9u);
  EXPECT_EQ(executor.submit<half>(3).get(), 1.5);
  int named = 9;
  const int& reference = named;
  EXPECT_EQ(executor.submit<subtract>(named, reference).get(), 0);
}

std::unique_ptr<int> make_owned(int value) { return std::make_unique<int>(value); }

struct Owner {
  std::unique_ptr<std::string> text;
};
ACRE_RECORD(Owner, text)
Owner make_owner(std::string text) { return {std::make_unique<std::string>(std::move(text))}; }

TEST_P(Values, results_that_can_only_be_moved_are_moved) {
  Executor executor = open({.workers = 1});
  const std::unique_ptr<int> owned = executor.submit<make_owned>(3).get();
  EXPECT_EQ(*owned, 3);
  const auto future = executor.submit<make_owner>("kept");
  EXPECT_EQ(*future.get().text, "kept");
  EXPECT_EQ(*future.get().text, "kept") << "a named future keeps its value";
}

int taken(std::unique_ptr<int> owned, Owner owner) { return *owned + static_cast<int>(owner.text->size()); }
int consumed(std::string&& text) { return static_cast<int>(std::string(std::move(text)).size()); }

TEST_P(Values, arguments_that_can_only_be_moved_are_taken) {
  Executor executor = open({.workers = 1});
  const auto owned = std::make_unique<int>(5);
  EXPECT_EQ(executor.submit<taken>(owned, make_owner("two")).get(), 8);
  EXPECT_EQ(*owned, 5) << "the caller keeps what was encoded";
  EXPECT_EQ(executor.submit<consumed>("three").get(), 5);
}

const std::string& borrowed() {
  static const std::string text = "of the worker";
  return text;
}

TEST_P(Values, returned_by_reference_are_copied) {
  Executor executor = open({.workers = 1});
  const std::string text = executor.submit<borrowed>().get();
  EXPECT_EQ(text, "of the worker");
}

void nothing(int) {}
void refuse(int value) {
  if (value != 4) throw std::invalid_argument("not four");
}

TEST_P(Values, a_task_without_a_result_ends_all_the_same) {
  Executor executor = open({.workers = 1});
  auto future = executor.submit<nothing>(1);
  future.get();
  EXPECT_TRUE(future.done());
  EXPECT_NO_THROW(executor.submit<refuse>(4).get());
  EXPECT_THROW(executor.submit<refuse>(5).get(), std::invalid_argument);
}

std::vector<std::uint64_t> reversed(std::vector<std::uint64_t> values) {
  std::reverse(values.begin(), values.end());
  return values;
}

TEST_P(Values, of_64_MiB_travel_both_ways) {
  Executor executor = open({.workers = 1});
  std::vector<std::uint64_t> values(8u << 20);
  std::iota(values.begin(), values.end(), std::uint64_t{0});
  const std::vector<std::uint64_t> back = executor.submit<reversed>(values).get();
  ASSERT_EQ(back.size(), values.size());
  EXPECT_TRUE(std::equal(back.rbegin(), back.rend(), values.begin()));
}

std::string grown(const std::string& text, std::size_t length) {
  return text + std::string(length - text.size(), text.at(0));
}

// Around the sizes at which messages change their way: inline, as large as a ring, beside the ring.
TEST_P(Values, of_every_size_around_the_limits_of_the_rings) {
  Executor executor = open({.workers = 2});
  const std::size_t blob = channel::blob_threshold, ring = channel::ring_capacity;
  std::vector<std::size_t> lengths;
  for (const std::size_t limit : {std::size_t{256}, blob, ring, least_long})
    for (std::size_t length = limit - 100; length <= limit + 100; ++length) lengths.push_back(length);
  std::vector<Future<std::string>> up, down;
  for (const std::size_t length : lengths) {
    up.push_back(executor.submit<grown>("x", length));
    down.push_back(executor.submit<echo<std::string>>(std::string(length, 'y')));
  }
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    EXPECT_EQ(up[i].get(), std::string(lengths[i], 'x'));
    EXPECT_EQ(down[i].get(), std::string(lengths[i], 'y'));
  }
}

TEST_P(Values, many_large_ones_are_under_way_at_once) {
  Executor executor = open({.workers = 2});
  std::vector<Future<std::string>> futures;
  for (int i = 0; i < 600; ++i)
    futures.push_back(executor.submit<echo<std::string>>(std::string(100'000 + i, static_cast<char>(i))));
  for (int i = 0; i < 600; ++i)
    EXPECT_EQ(futures[i].get(), std::string(100'000 + i, static_cast<char>(i))) << i;
}

int twice(int x) { return 2 * x; }
double twice(double x) { return 2 * x; }

TEST_P(Values, lambdas_are_tasks_and_pick_overloads) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit([](int x) { return x + 1; }, 1).get(), 2);
  EXPECT_EQ(executor.submit([](int x) { return x + 2; }, 1).get(), 3);
  EXPECT_EQ(executor.submit([](double x) { return twice(x); }, 1.25).get(), 2.5);
  EXPECT_EQ(executor.submit<[](int x) { return twice(x); }>(4).get(), 8);
  EXPECT_EQ(executor.submit<static_cast<int (*)(int)>(twice)>(5).get(), 10);
}

struct Cube {
  int operator()(int x) const noexcept { return x * x * x; }
};

TEST_P(Values, function_objects_without_state_are_tasks) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit(Cube{}, 3).get(), 27);
}

struct Secretive {
  int value = 0;
  template <class Archive>
  void serialize(Archive& archive) {
    const int before = value;
    archive(value);
    if (value != before && value == 13) throw std::runtime_error("thirteen cannot be read back");
  }
};
Secretive make_secretive(int value) { return {value}; }
int reveal(const Secretive& secretive) { return secretive.value; }

TEST_P(Values, that_cannot_be_decoded_fail_their_task_only) {
  Executor executor = open({.workers = 1});
  const auto unlucky = executor.submit<make_secretive>(13);
  const auto after = executor.submit<make_secretive>(14);
  for (int time = 0; time < 2; ++time) {
    try {
      unlucky.get();
      FAIL() << "thirteen was read";
    } catch (const TaskError& error) {
      EXPECT_EQ(error.message,
                "its result, a acre::test::(anonymous namespace)::Secretive, cannot be read back: thirteen "
                "cannot be read back");
    }
  }
  EXPECT_NE(unlucky.exception(), nullptr);
  EXPECT_EQ(after.get().value, 14);
  EXPECT_ANY_THROW(executor.submit<reveal>(Secretive{13}).get());
  EXPECT_EQ(executor.submit<reveal>(Secretive{15}).get(), 15);
}

}  // namespace
}  // namespace acre::test

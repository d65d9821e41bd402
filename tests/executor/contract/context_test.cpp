// What a task knows of itself: index, attempt, random stream; the same bits on any number of workers.
#include <algorithm>
#include <bit>
#include <cfenv>
#include <map>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

std::uint64_t index_of_task(Context& context, int) { return context.index(); }
int attempt_of_task(Context& context) { return context.attempt(); }

using TaskContext = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, TaskContext, every_method, method_name);

TEST_P(TaskContext, index_is_the_place_in_the_map_or_the_order_of_submits) {
  Executor executor = open({.workers = 2});
  for (std::uint64_t i = 0; i < 10; ++i) {
    const auto future = executor.submit<index_of_task>(0);
    EXPECT_EQ(future.index(), i);
    EXPECT_EQ(future.get(), i);
  }
  std::uint64_t expected = 0;
  const std::vector<int> items(3000, 7);
  for (const std::uint64_t index : executor.map<index_of_task>(items)) EXPECT_EQ(index, expected++);
  EXPECT_EQ(expected, 3000u);
  EXPECT_EQ(executor.submit<index_of_task>(0).get(), 10u) << "a map's tasks are not submits";
  EXPECT_EQ(executor.submit<attempt_of_task>().get(), 1);
}

struct Draw {
  std::uint64_t key = 0, index = 0, bits = 0;
  double uniform = 0, normal = 0;
  bool operator==(const Draw&) const = default;
};
ACRE_RECORD(Draw, key, index, bits, uniform, normal)

Draw draw(Context& context) {
  const std::uint64_t bits = context.random().bits();
  const double uniform = context.random().uniform();
  return {context.key(), context.index(), bits, uniform, context.random().normal()};
}
Draw draw_for(Context& context, std::uint64_t) { return draw(context); }

Draw expected_draw(std::uint64_t key, std::uint64_t index) {
  Random random(key, index);
  const std::uint64_t bits = random.bits();
  const double uniform = random.uniform();
  return {key, index, bits, uniform, random.normal()};
}

TEST_P(TaskContext, random_is_the_stream_of_key_and_index) {
  Executor executor = open({.workers = 2, .seed = 42});
  const std::uint64_t submits = random::stream_key(42, 0), first_map = random::stream_key(42, 1);
  const std::uint64_t named = random::stream_key(42, std::string_view("burn-in"));
  EXPECT_EQ(executor.submit<draw>().get(), expected_draw(submits, 0));
  EXPECT_EQ(executor.submit<draw>().get(), expected_draw(submits, 1));
  std::uint64_t index = 0;
  for (const Draw& drawn : executor.map<draw_for>(CountUp(100)))
    EXPECT_EQ(drawn, expected_draw(first_map, index++));
  index = 0;
  for (const Draw& drawn : executor.map<draw_for>(CountUp(100), {.stage = "burn-in"}))
    EXPECT_EQ(drawn, expected_draw(named, index++));
  EXPECT_EQ(executor.map<draw_for>(CountUp(1)).begin()->key, random::stream_key(42, 2));
}

double walk(Context& context, std::uint64_t steps) {
  double sum = 0;
  for (std::uint64_t i = 0; i <= steps % 97; ++i)
    sum += context.random().normal() / static_cast<double>(i + 1);
  return sum;
}

std::vector<std::uint64_t> walks(int workers, StartMethod start) {
  Executor executor = session().executor({.workers = workers, .start = start, .seed = 7});
  std::vector<std::uint64_t> bits;
  for (const double value : executor.map<walk>(CountUp(5000)))
    bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

TEST_P(TaskContext, results_are_the_same_bits_as_serially_for_1_2_and_7_workers) {
  const std::vector<std::uint64_t> serially = walks(1, StartMethod::serial);
  ASSERT_EQ(serially.size(), 5000u);
  for (const int workers : {1, 2, 7}) {
    if (workers > 1 && GetParam() == StartMethod::serial) continue;
    EXPECT_TRUE(walks(workers, GetParam()) == serially) << workers;
  }
}

TEST_P(TaskContext, another_seed_is_another_stream) {
  Executor a = open({.workers = 1, .seed = 1}), b = open({.workers = 1, .seed = 2});
  EXPECT_NE(a.submit<draw>().get().bits, b.submit<draw>().get().bits);
}

double third_rounded_up(int) {
  std::fesetround(FE_UPWARD);
  volatile double one = 1;
  return one / 3;
}
double third(int) {
  volatile double one = 1;
  return one / 3;
}

TEST_P(TaskContext, rounding_set_by_one_task_does_not_reach_the_next) {
  Executor executor = open({.workers = 1});
  const double up = executor.submit<third_rounded_up>(0).get();
  EXPECT_EQ(executor.submit<third>(0).get(), 1.0 / 3);
  EXPECT_GT(up, 1.0 / 3);
  EXPECT_EQ(std::fegetround(), FE_TONEAREST) << "nor the program, whose thread may have run it";
}

}  // namespace
}  // namespace acre::test

// The study of scale: what it says of small trees, where the answer is known.
#include <gtest/gtest.h>

#include <acre/simulate/study.hpp>
#include <acre/simulate/time_wheel.hpp>
#include <random>

namespace acre::simulate {
namespace {

StudyCase of(std::vector<std::uint32_t> tree, Shape shape = Shape::uniform) {
  return {.tree = std::move(tree), .shape = shape, .tasks_per_worker = 500};
}

TEST(Study, workers_of_one_node_are_kept_busy) {
  for (const Shape shape : {Shape::constant, Shape::uniform, Shape::exponential, Shape::bimodal}) {
    const StudyResult result = study_tree(of({64}, shape));
    EXPECT_GT(result.efficiency, 0.98) << static_cast<int>(shape);
    EXPECT_LE(result.efficiency, 1);
    EXPECT_GE(result.over_bound, 1);
    EXPECT_EQ(result.root_messages_per_task, 0);
  }
}

TEST(Study, more_levels_cost_little_and_relieve_the_root) {
  const StudyResult two = study_tree(of({16, 16})), three = study_tree(of({4, 4, 16}));
  EXPECT_GT(two.efficiency, 0.95);
  EXPECT_GT(three.efficiency, 0.95);
  EXPECT_LT(three.root_messages_per_task, two.root_messages_per_task);
  EXPECT_LT(two.tail_idle, 0.02);
}

TEST(Study, the_same_case_gives_the_same_result) {
  EXPECT_EQ(study_tree(of({4, 8})).efficiency, study_tree(of({4, 8})).efficiency);
}

// Each task is a message in and one out, and a manager does nothing else once it is the bottleneck.
TEST(Study, a_single_manager_is_as_fast_as_its_messages) {
  StudyCase what = of({1000, 1}, Shape::constant);
  const StudyResult result = study_self_scheduling(what);
  EXPECT_NEAR(result.root_messages_per_s, 500'000, 2'000);
  EXPECT_NEAR(result.efficiency, 250.0 / 1000, 0.01);
  what.tree = {10, 1};
  EXPECT_GT(study_self_scheduling(what).efficiency, 0.95);
}

// All workers wait for the last of the batch: of two tasks uniform in (0, 2) the longer one takes 4/3 on
// average.
TEST(Study, batches_wait_for_their_last_task) {
  StudyCase what = of({1, 2});
  what.tasks_per_worker = 20'000;
  EXPECT_NEAR(study_batches(what, 1).efficiency, 0.75 / (1 + 0.75 * 0.014), 0.01);
  what.shape = Shape::constant;
  EXPECT_GT(study_batches(what, 1).efficiency, 0.98);
}

TEST(TimeWheel, gives_events_in_order_of_time_near_and_far) {
  std::mt19937_64 generator(1);
  TimeWheel<std::int64_t> wheel;
  std::int64_t now = 0, last = 0;
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) wheel.push(static_cast<std::int64_t>(generator() % 1'000'000'000), 0);
  for (; !wheel.empty(); ++taken) {
    wheel.pop(now);
    ASSERT_GE(now, last);
    last = now;
    if (taken >= 20'000) continue;
    const std::int64_t at =
        now + static_cast<std::int64_t>(generator() % (taken % 2 == 0 ? 5'000 : 200'000'000));
    wheel.push(at, at);
  }
  EXPECT_EQ(taken, 21'000u);
}

TEST(TimeWheel, an_event_comes_in_its_slot_of_time) {
  TimeWheel<int> wheel;
  std::int64_t now = 0;
  wheel.push(std::int64_t{5} << 40, 2);
  wheel.push(3000, 1);
  EXPECT_EQ(wheel.pop(now), 1);
  EXPECT_EQ(now, 2048);
  EXPECT_EQ(wheel.pop(now), 2);
  EXPECT_EQ(now, std::int64_t{5} << 40);
  EXPECT_TRUE(wheel.empty());
}

}  // namespace
}  // namespace acre::simulate

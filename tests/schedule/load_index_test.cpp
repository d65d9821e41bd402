// Members sorted by load per worker.
#include <gtest/gtest.h>

#include <acre/schedule/load_index.hpp>

namespace acre::schedule {
namespace {

TEST(LoadIndex, empty_has_neither_least_nor_most) {
  LoadIndex index;
  EXPECT_EQ(index.least(), nothing);
  EXPECT_EQ(index.most(), nothing);
  EXPECT_EQ(index.check(), 0u);
}

TEST(LoadIndex, a_little_less_and_a_little_more_than_one_task_per_worker_are_told_apart) {
  LoadIndex index;
  index.place(0, 1000, 1000);
  index.place(1, 1001, 1000);
  index.place(2, 999, 1000);
  EXPECT_EQ(index.least(), 2u);
  EXPECT_EQ(index.most(), 1u);
  index.remove(2);
  EXPECT_EQ(index.least(), 0u);
  index.remove(1);
  EXPECT_EQ(index.most(), 0u);
  EXPECT_EQ(index.check(), 1u);
}

TEST(LoadIndex, order_is_kept_to_within_an_eighth) {
  for (std::uint32_t load = 0; load < 20000; ++load) {
    LoadIndex index;
    index.place(0, load, 1);
    index.place(1, load + load / 7 + 1, 1);
    ASSERT_EQ(index.least(), 0u) << load;
    ASSERT_EQ(index.most(), 1u) << load;
  }
}

TEST(LoadIndex, what_waits_counts_by_speed) {
  LoadIndex index;
  index.place(0, 9, 1, LoadIndex::normal_speed);
  index.place(1, 9, 1, 2 * LoadIndex::normal_speed);
  index.place(2, 9, 1, LoadIndex::normal_speed / 2);
  EXPECT_EQ(index.least(), 1u);
  EXPECT_EQ(index.most(), 2u);
  index.place(1, 17, 1, 2 * LoadIndex::normal_speed);
  index.remove(2);
  EXPECT_EQ(index.least(), 0u) << "sixteen at twice the speed are eight";
  index.place(0, 10, 1);
  EXPECT_EQ(index.least(), 1u);
}

TEST(LoadIndex, what_runs_does_not_count_by_speed) {
  LoadIndex index;
  index.place(0, 1, 2, LoadIndex::normal_speed / 8);
  index.place(1, 2, 2, LoadIndex::normal_speed * 8);
  EXPECT_EQ(index.least(), 0u);
  EXPECT_EQ(index.most(), 1u);
  EXPECT_TRUE(index.is_placed(0, 1, 2, LoadIndex::normal_speed));
  EXPECT_FALSE(index.is_placed(0, 2, 2));
  EXPECT_FALSE(index.is_placed(7, 1, 2));
}

TEST(LoadIndex, below_one_task_per_worker_by_eighths) {
  LoadIndex index;
  for (std::uint32_t load = 0; load < 8; ++load) index.place(load, 100 * load + 99, 800);
  for (std::uint32_t load = 0; load < 8; ++load) {
    EXPECT_TRUE(index.is_placed(load, 100 * load, 800));
    EXPECT_FALSE(index.is_placed(load, 100 * load + 100, 800));
    EXPECT_EQ(index.least(), load);
    EXPECT_EQ(index.most(), 7u);
    index.remove(load);
  }
  EXPECT_EQ(index.least(), nothing);
}

TEST(LoadIndex, holds_who_is_there) {
  LoadIndex index;
  EXPECT_FALSE(index.holds(0));
  index.place(3, 0, 1);
  EXPECT_TRUE(index.holds(3));
  EXPECT_FALSE(index.holds(2));
  EXPECT_FALSE(index.holds(4));
  index.remove(3);
  EXPECT_FALSE(index.holds(3));
  EXPECT_GT(index.memory_bytes(), 0u);
}

TEST(LoadIndex, among_equals_whoever_came_first) {
  LoadIndex index;
  index.place(7, 1, 1);
  index.place(3, 1, 1);
  EXPECT_EQ(index.least(), 7u);
  index.place(7, 2, 1);
  EXPECT_EQ(index.least(), 3u);
  index.place(7, 1, 1);
  EXPECT_EQ(index.least(), 3u);
}

TEST(LoadIndex, of_the_idle_whoever_became_so_last) {
  LoadIndex index;
  index.place(7, 0, 1);
  index.place(3, 0, 64);
  EXPECT_EQ(index.least(), 7u) << "both are new";
  index.place(3, 64, 64);
  index.place(3, 0, 64);
  EXPECT_EQ(index.least(), 3u);
}

TEST(LoadIndex, loads_are_told_apart_up_to_32_thousand_tasks) {
  LoadIndex index;
  index.place(0, 32000, 1);
  index.place(1, 28700, 1);
  EXPECT_EQ(index.most(), 0u);
  EXPECT_EQ(index.least(), 1u);
}

TEST(LoadIndex, the_largest_loads_have_a_place) {
  LoadIndex index;
  index.place(0, 0xffffffff, 1);
  index.place(1, 0xffffffff, 0xffffffff);
  EXPECT_EQ(index.most(), 0u);
  EXPECT_EQ(index.least(), 1u);
  EXPECT_EQ(index.check(), 2u);
}

}  // namespace
}  // namespace acre::schedule

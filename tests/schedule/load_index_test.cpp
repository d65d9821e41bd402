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

TEST(LoadIndex, among_equals_whoever_came_first) {
  LoadIndex index;
  index.place(7, 0, 1);
  index.place(3, 0, 64);
  EXPECT_EQ(index.least(), 7u);
  index.place(7, 1, 1);
  EXPECT_EQ(index.least(), 3u);
  index.place(7, 0, 1);
  EXPECT_EQ(index.least(), 3u);
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

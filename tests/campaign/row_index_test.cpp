#include <gtest/gtest.h>

#include <map>
#include <random>

#include <acre/campaign/row_index.hpp>

namespace acre::campaign {
namespace {

TEST(RowIndex, FirstWinsAndFailuresCount) {
  RowIndex rows;
  EXPECT_TRUE(rows.add(5, 100, false));
  EXPECT_FALSE(rows.add(5, 200, true));
  EXPECT_TRUE(rows.add(6, 300, true));
  EXPECT_EQ(rows.find(5), 100u);
  EXPECT_EQ(rows.find(7), std::nullopt);
  EXPECT_EQ(rows.rows(), 2u);
  EXPECT_EQ(rows.failures(), 1u);
}

TEST(RowIndex, AgreesWithAMapForDenseAndSparseIndices) {
  std::mt19937_64 random(1);
  RowIndex rows;
  std::map<std::uint64_t, std::uint64_t> oracle;
  for (std::uint64_t n = 1; n <= 5000; ++n) {
    const std::uint64_t index = n % 3 == 0 ? random() : random() % 2000;
    EXPECT_EQ(rows.add(index, n, false), oracle.emplace(index, n).second);
  }
  rows.add(UINT64_MAX, 9999, false);
  oracle.emplace(UINT64_MAX, 9999);
  std::uint64_t from = 0;
  for (const auto& [index, offset] : oracle) {
    const auto entry = rows.next(from);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->index, index);
    EXPECT_EQ(entry->offset, offset);
    EXPECT_EQ(rows.find(index), offset);
    from = index + 1;
  }
  EXPECT_EQ(rows.rows(), oracle.size());
}

TEST(RowIndex, SurvivesBeingMoved) {
  RowIndex first;
  first.add(1, 10, false);
  RowIndex second = std::move(first);
  EXPECT_TRUE(second.add(2, 20, false));
  EXPECT_EQ(second.find(1), 10u);
  EXPECT_EQ(second.find(2), 20u);
}

}  // namespace
}  // namespace acre::campaign

// Which tasks of a chunk have ended, against a vector of bool.
#include <gtest/gtest.h>

#include <random>

#include <acre/schedule/chunk_table.hpp>

namespace acre::schedule {
namespace {

std::uint32_t first_undone(const ChunkTable& table, std::uint32_t slot) {
  return table.next_undone(table[slot], 0, table[slot].count).first;
}

TEST(ChunkTable, a_chunk_starts_with_nothing_done) {
  ChunkTable table;
  const std::uint32_t slot = table.make(5, 100, 10);
  EXPECT_EQ(table[slot].task, 5u);
  EXPECT_EQ(table[slot].first, 100u);
  EXPECT_EQ(table[slot].undone, 10u);
  const ChunkTable::Run run = table.next_undone(table[slot], 3, 99);
  EXPECT_EQ(run.first, 3u);
  EXPECT_EQ(run.count, 7u);
}

TEST(ChunkTable, nothing_is_found_beyond_its_end) {
  ChunkTable table;
  const std::uint32_t slot = table.make(0, 0, 10);
  EXPECT_EQ(table.next_undone(table[slot], 10, 20).count, 0u);
  EXPECT_EQ(table.next_undone(table[slot], 7, 7).count, 0u);
  EXPECT_EQ(table.next_undone(table[slot], 7, 3).count, 0u);
}

TEST(ChunkTable, slots_are_used_again_with_their_generation) {
  ChunkTable table;
  const std::uint32_t slot = table.make(0, 0, 1);
  table[slot].generation = 7;
  table[slot].started = table[slot].cancelled = true;
  table.free(slot);
  EXPECT_EQ(table.make(1, 2, 3), slot);
  EXPECT_EQ(table[slot].generation, 7u);
  EXPECT_FALSE(table[slot].started || table[slot].cancelled);
  EXPECT_EQ(table.slots(), 1u);
}

TEST(ChunkTable, bitmaps_are_used_again_and_clean) {
  ChunkTable table;
  std::size_t memory = 0;
  for (int round = 0; round < 10; ++round) {
    const std::uint32_t slot = table.make(0, 0, 1000);
    table.mark(table[slot], 500, 100);
    EXPECT_EQ(first_undone(table, slot), 0u);
    table.mark(table[slot], 0, 500);
    EXPECT_EQ(first_undone(table, slot), 600u);
    table.free(slot);
    if (round == 0) memory = table.memory_bytes();
  }
  EXPECT_EQ(table.memory_bytes(), memory);
  // The chunk and its place, free now; the bitmap, its 16 words and its place.
  EXPECT_EQ(memory, sizeof(Chunk) + 4 + sizeof(std::vector<std::uint64_t>) + 16 * 8 + 4);
}

TEST(ChunkTable, two_at_a_time_have_two_bitmaps) {
  ChunkTable table;
  const std::uint32_t a = table.make(0, 0, 100), b = table.make(0, 100, 100);
  table.mark(table[a], 0, 10);
  table.mark(table[b], 0, 20);
  EXPECT_EQ(first_undone(table, a), 10u);
  EXPECT_EQ(first_undone(table, b), 20u);
}

TEST(ChunkTable, one_that_ends_at_once_needs_no_bitmap) {
  ChunkTable table;
  const std::uint32_t slot = table.make(0, 0, 100000);
  const std::size_t before = table.memory_bytes();
  table.mark(table[slot], 0, 100000);
  EXPECT_EQ(table[slot].undone, 0u);
  EXPECT_EQ(table.next_undone(table[slot], 0, 100000).count, 0u);
  EXPECT_EQ(table.memory_bytes(), before);
  table.free(slot);
  EXPECT_EQ(table.make(0, 0, 65), slot);
  EXPECT_EQ(table.next_undone(table[slot], 0, 65).count, 65u);
}

TEST(ChunkTable, what_has_not_started) {
  Chunk chunk;
  EXPECT_EQ(unstarted(chunk), 0u);
  chunk.undone = 5;
  EXPECT_EQ(unstarted(chunk), 5u);
  chunk.started = true;
  EXPECT_EQ(unstarted(chunk), 4u);
  chunk.undone = 0;
  EXPECT_EQ(unstarted(chunk), 0u);
}

TEST(ChunkTableDeath, check_finds_a_wrong_count) {
  ChunkTable table;
  const std::uint32_t slot = table.make(0, 0, 10);
  table.mark(table[slot], 2, 3);
  table.check(table[slot]);
  table[slot].undone = 6;
  EXPECT_DEATH(table.check(table[slot]), "how many of its tasks");
}

class Marks : public testing::TestWithParam<unsigned> {};

/// All runs from a random place on are those of the vector.
void compare(const ChunkTable& table, std::uint32_t slot, const std::vector<bool>& done, std::uint32_t from,
             std::uint32_t end) {
  std::uint32_t at = from;
  for (;;) {
    const ChunkTable::Run run = table.next_undone(table[slot], at, end);
    const std::uint32_t stop = std::min<std::uint32_t>(end, static_cast<std::uint32_t>(done.size()));
    while (at < stop && done[at]) ++at;
    std::uint32_t past = at;
    while (past < stop && !done[past]) ++past;
    ASSERT_EQ(run.count, past - at);
    if (run.count == 0) return;
    ASSERT_EQ(run.first, at);
    at = past;
  }
}

TEST_P(Marks, agree_with_a_vector_of_bool) {
  std::mt19937 random(GetParam());
  const std::uint32_t counts[] = {1, 2, 63, 64, 65, 127, 128, 129, 200, 1000};
  ChunkTable table;
  for (int round = 0; round < 50; ++round) {
    const std::uint32_t count = counts[random() % 10], slot = table.make(0, 0, count);
    std::vector<bool> done(count);
    while (table[slot].undone != 0) {
      const std::uint32_t from = random() % (count + 1), end = from + random() % (count + 2);
      compare(table, slot, done, from, end);
      if (HasFatalFailure()) return;
      const ChunkTable::Run run = table.next_undone(table[slot], random() % count, count);
      if (run.count == 0) continue;
      const std::uint32_t part = 1 + random() % run.count;
      table.mark(table[slot], run.first, part);
      std::fill_n(done.begin() + run.first, part, true);
      table.check(table[slot]);
    }
    if (random() % 4 != 0) table.free(slot);
  }
}

INSTANTIATE_TEST_SUITE_P(ChunkTable, Marks, testing::Range(0u, 8u));

}  // namespace
}  // namespace acre::schedule

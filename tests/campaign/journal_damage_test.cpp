// Torn tails are cut, damage is refused, and kill -9 loses nothing that was flushed.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

/// The frame at the end of a closed journal, which vouches for all before it.
constexpr std::size_t mark_size = 17;

/// A closed journal with `rows` rows.
std::string made_journal(const std::string& path, std::uint64_t rows) {
  {
    const auto journal = Journal::create(path, some_identity(), "b");
    const std::uint32_t stage = journal->stage(pi_stage());
    for (std::uint64_t index = 0; index < rows; ++index) append_pi(*journal, stage, index);
    journal->flush();
  }
  return read_text(path);
}

TEST(JournalTail, IsCutAtEveryByte) {
  const Folder folder;
  const std::string path = folder / "j";
  const std::string whole = made_journal(path, 3);
  std::uint64_t last_rows = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    write_text(path, whole.substr(0, size));
    {
      const auto journal = Journal::resume(path, some_identity(), "b");
      const std::uint32_t stage = journal->stage(pi_stage());
      const std::uint64_t rows = journal->rows(stage);
      ASSERT_TRUE(rows == last_rows || rows == last_rows + 1) << "cut at " << size;
      last_rows = rows;
      JournalReader reader(*journal);
      for (std::uint64_t index = 0; index < rows; ++index)
        ASSERT_TRUE(is_pi(*reader.find(stage, index), index));
      ASSERT_TRUE(append_pi(*journal, stage, 77));
    }
    const auto again = Journal::read(path);
    ASSERT_EQ(again->rows(0), last_rows + 1) << "cut at " << size;
    JournalReader reader(*again);
    ASSERT_TRUE(is_pi(*reader.find(0, 77), 77));
  }
  EXPECT_EQ(last_rows, 3u);
}

TEST(JournalTail, OfGarbageOrZeroesIsCut) {
  const Folder folder;
  const std::string path = folder / "j";
  const std::string whole = made_journal(path, 3);
  for (const std::string& tail :
       {std::string(5000, '\0'), std::string(5000, '\xff'), whole, whole.substr(whole.size() - mark_size)}) {
    write_text(path, whole + tail);
    {
      const auto journal = Journal::resume(path, some_identity(), "b");
      EXPECT_EQ(journal->cut_bytes(), tail.size());
      EXPECT_EQ(journal->rows(0), 3u);
    }
    EXPECT_EQ(read_text(path), whole);
  }
}

TEST(JournalBits, FlippedAnywhereAreRecognised) {
  const Folder folder;
  const std::string path = folder / "j";
  const std::string whole = made_journal(path, 4);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      write_text(path, damaged);
      std::uint64_t rows = 0;
      const std::string sentence = error_of([&] { rows = Journal::read(path)->rows(0); });
      if (at < whole.size() - mark_size) {
        ASSERT_NE(sentence, "") << "byte " << at << " bit " << bit;
        ++refused;
      } else {
        ASSERT_EQ(sentence, "") << "byte " << at;
        ASSERT_EQ(rows, 4u);
      }
      ASSERT_EQ(read_text(path), damaged);
    }
  }
  EXPECT_EQ(refused, 3 * (whole.size() - mark_size));
}

TEST(JournalBits, DamageBeforeTheTailIsRefusedInWordsAndNothingIsCut) {
  const Folder folder;
  const std::string path = folder / "j";
  std::string damaged = made_journal(path, 4);
  damaged[damaged.size() / 2] ^= 1;
  write_text(path, damaged);
  const std::string sentence = error_of([&] { Journal::resume(path, some_identity(), "b"); });
  EXPECT_TRUE(sentence.starts_with(path + ": is damaged at byte ")) << sentence;
  EXPECT_TRUE(
      sentence.ends_with("intact records follow; nothing was changed, restore the file from a copy or start "
                         "anew"))
      << sentence;
  EXPECT_EQ(read_text(path), damaged);
}

/// Goes on for ever behind the last recorded row, says after each flush how far it came.
int append_until_killed(const std::string& path, int report) {
  const auto journal =
      Journal::resume(path, some_identity(), "b", {.sync_after = std::chrono::milliseconds(1)});
  const std::uint32_t stage = journal->stage(pi_stage());
  for (std::uint64_t index = journal->rows(stage);; ++index) {
    append_pi(*journal, stage, index, "node" + std::to_string(index % 50));
    if (index % 97 != 96) continue;
    journal->flush();
    if (::write(report, &index, sizeof index) != sizeof index) return 1;
  }
}

TEST(JournalKilled, KeepsEveryFlushedRowAndAcceptsNoTornOne) {
  const Folder folder;
  const std::string path = folder / "j";
  { Journal::create(path, some_identity(), "b"); }
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = in_child([&] { return append_until_killed(path, ends[1]); });
    ::close(ends[1]);
    std::uint64_t flushed = 0;
    for (int n = 0; n < 3 + round; ++n) ASSERT_EQ(::read(ends[0], &flushed, sizeof flushed), 8);
    ::kill(child, SIGKILL);
    EXPECT_EQ(wait_for(child), -SIGKILL);
    while (::read(ends[0], &flushed, sizeof flushed) == sizeof flushed) continue;
    ::close(ends[0]);
    const auto journal = Journal::resume(path, some_identity(), "b");
    const std::uint32_t stage = journal->stage(pi_stage());
    ASSERT_GT(journal->rows(stage), flushed);
    JournalReader reader(*journal);
    for (std::uint64_t index = 0; index < journal->rows(stage); ++index) {
      const auto row = reader.find(stage, index);
      ASSERT_TRUE(row && is_pi(*row, index)) << index;
      ASSERT_EQ(row->execution.host, "node" + std::to_string(index % 50));
    }
  }
}

}  // namespace
}  // namespace acre::campaign::test

// A journal that cannot be written is dead, says why, and keeps what it holds.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

void limit_file_size(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/// In a child whose files cannot grow beyond 20000 bytes: 0 if the journal behaves.
int fill_the_disk(const std::string& path) {
  limit_file_size(20000);  // the writer blocks SIGXFSZ, so no handler is needed
  const auto journal = Journal::create(path, some_identity(), "b");
  const std::uint32_t stage = journal->stage(pi_stage());
  const std::string expected =
      path +
      ": cannot write the journal: File too large; what it holds is safe: make room, "
      "then resume";
  const std::string sentence = error_of([&] {
    for (std::uint64_t index = 0; index < 1000; ++index) append_pi(*journal, stage, index);
    journal->flush();
  });
  if (sentence != expected || !journal->failed() || journal->failure() != expected) return 1;
  if (error_of([&] { append_pi(*journal, stage, 5000); }) != expected) return 2;
  return error_of([&] { journal->flush(); }) == expected ? 0 : 3;
}

TEST(JournalFailure, AFullDiskKillsItWithASentenceAndLosesNothingWritten) {
  const Folder folder;
  const std::string path = folder / "j";
  EXPECT_EQ(wait_for(in_child([&] { return fill_the_disk(path); })), 0);
  EXPECT_EQ(std::filesystem::file_size(path), 20000u);
  const auto journal = Journal::resume(path, some_identity(), "b");
  const std::uint32_t stage = journal->stage(pi_stage());
  EXPECT_GT(journal->cut_bytes(), 0u);
  EXPECT_GT(journal->rows(stage), 100u);
  JournalReader reader(*journal);
  for (std::uint64_t index = 0; index < journal->rows(stage); ++index) {
    ASSERT_TRUE(is_pi(*reader.find(stage, index), index));
  }
  EXPECT_TRUE(append_pi(*journal, stage, 5000));
  journal->flush();
}

TEST(JournalFailure, ToCreateLeavesNothingBehind) {
  const Folder folder;
  const auto create = [&] {
    ::signal(SIGXFSZ, SIG_IGN);
    limit_file_size(10);
    const std::string sentence = error_of([&] { Journal::create(folder / "j", some_identity(), "b"); });
    return sentence == folder / "j" + ": cannot write the journal: File too large; choose another folder" ? 0
                                                                                                          : 1;
  };
  EXPECT_EQ(wait_for(in_child(create)), 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(error_of([&] { Journal::create(folder / "no/j", some_identity(), "b"); }),
            folder / "no/j" + ": cannot create the journal: No such file or directory");
}

TEST(JournalFailure, ALostLockStopsTheWriter) {
  const Folder folder;
  LockFile lock(folder / "j.lock");
  const auto journal = Journal::create(folder / "j", some_identity(), "b", {.lock = &lock});
  const std::uint32_t stage = journal->stage(pi_stage());
  append_pi(*journal, stage, 0);
  journal->flush();
  write_text(folder / "j.lock", "token another\n");
  const Instant limit = now() + std::chrono::seconds(20);
  std::string sentence;
  while (sentence.empty() && now() < limit) sentence = error_of([&] { append_pi(*journal, stage, 1); });
  EXPECT_EQ(sentence, folder / "j" + ": another run has taken over this campaign; this one stops writing");
  EXPECT_EQ(Journal::read(folder / "j")->rows(stage), 2u);
}

}  // namespace
}  // namespace acre::campaign::test

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "support.hpp"

namespace acre::campaign::test {
namespace {

TEST(Journal, RowsComeBackAtOnceAndAfterResume) {
  const Folder folder;
  const std::string path = folder / "j";
  const auto check = [](const Journal& journal, std::uint32_t stage) {
    EXPECT_EQ(journal.rows(stage), 201u);
    EXPECT_EQ(journal.failures(stage), 1u);
    JournalReader reader(journal);
    for (std::uint64_t index = 0; index < 200; ++index) {
      const auto row = reader.find(stage, index);
      ASSERT_TRUE(row && is_pi(*row, index)) << index;
      EXPECT_EQ(row->execution.host, index % 2 == 0 ? "node1" : "node2");
    }
    const auto failed = reader.find(stage, 300);
    ASSERT_TRUE(failed && failed->failure);
    EXPECT_EQ(failed->failure->type, "std::domain_error");
    EXPECT_EQ(failed->failure->message, "no root");
    EXPECT_TRUE(failed->result.empty());
    EXPECT_EQ(reader.find(stage, 200), std::nullopt);
    EXPECT_TRUE(journal.contains(stage, 300));
    EXPECT_FALSE(journal.contains(stage, 200));
  };
  {
    const auto journal = Journal::create(path, some_identity(), "build-a");
    const std::uint32_t stage = journal->stage(pi_stage());
    for (std::uint64_t index = 200; index-- > 0;) {
      EXPECT_TRUE(append_pi(*journal, stage, index, index % 2 == 0 ? "node1" : "node2"));
    }
    append_failure(*journal, stage, 300, {"std::domain_error", "no root"});
    check(*journal, stage);
  }
  const auto journal = Journal::resume(path, some_identity(), "build-b");
  EXPECT_EQ(journal->cut_bytes(), 0u);
  const std::uint32_t stage = journal->stage(pi_stage());
  check(*journal, stage);
  EXPECT_EQ(journal->identity().seed, 1u);
  EXPECT_EQ(journal->hosts(), (std::vector<std::string>{"node2", "node1"}));
  EXPECT_EQ(journal->builds(), (std::vector<std::string>{"build-a", "build-b"}));
  append_pi(*journal, stage, 999, "node2");
  JournalReader reader(*journal);
  EXPECT_EQ(reader.find(stage, 0)->execution.build, 0u);
  EXPECT_EQ(reader.find(stage, 999)->execution.build, 1u);
  EXPECT_EQ(journal->hosts().size(), 2u);
}

TEST(Journal, IteratesInOrderOfTheIndexAndRecordsATaskOnce) {
  const Folder folder;
  const auto journal = Journal::create(folder / "j", some_identity(), "b");
  const std::uint32_t stage = journal->stage(pi_stage());
  for (const std::uint64_t index : {70, 3, 1000000, 64, 5}) EXPECT_TRUE(append_pi(*journal, stage, index));
  EXPECT_FALSE(append_pi(*journal, stage, 64, "another host"));
  JournalReader reader(*journal);
  std::vector<std::uint64_t> seen;
  for (auto row = reader.next(stage, 0); row; row = reader.next(stage, row->index + 1)) {
    EXPECT_TRUE(is_pi(*row, row->index));
    EXPECT_EQ(row->execution.host, "node1");
    seen.push_back(row->index);
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{3, 5, 64, 70, 1000000}));
  EXPECT_EQ(journal->rows(stage), 5u);
}

TEST(Journal, RefusesAnExistingFileAndHarmsNothing) {
  const Folder folder;
  write_text(folder / "j", "precious");
  EXPECT_EQ(error_of([&] { Journal::create(folder / "j", some_identity(), "b"); }),
            folder / "j" + ": exists already; resume it, or name another output");
  EXPECT_EQ(read_text(folder / "j"), "precious");
}

TEST(Journal, RefusesForeignFilesAndOtherVersions) {
  const Folder folder;
  for (const char* text : {"x", "a text of another program", "acrejnX\n\1\0\0\0"}) {
    write_text(folder / "f", text);
    for (const bool resume : {true, false}) {
      const auto open = [&] {
        resume ? Journal::resume(folder / "f", some_identity(), "b") : Journal::read(folder / "f");
      };
      EXPECT_EQ(error_of(open), folder / "f" + ": is not an acre journal; nothing was changed");
    }
    EXPECT_EQ(read_text(folder / "f"), text);
  }
  write_text(folder / "v", std::string("acrejnl\n\7\0\0\0", 12));
  EXPECT_EQ(
      error_of([&] { Journal::resume(folder / "v", some_identity(), "b"); }),
      folder / "v" + ": is a journal of version 7 and this acre reads version 1; use the acre that wrote it");
  EXPECT_EQ(error_of([&] { Journal::resume(folder / "none", some_identity(), "b"); }),
            folder / "none" + ": cannot open the journal: No such file or directory");
}

TEST(Journal, RefusesAnotherIdentityAndAnotherStage) {
  const Folder folder;
  { Journal::create(folder / "j", some_identity(), "b")->stage(pi_stage()); }
  const std::string before = read_text(folder / "j");
  Identity other = some_identity();
  other.seed = 2;
  EXPECT_EQ(error_of([&] { Journal::resume(folder / "j", other, "b"); }),
            folder / "j" +
                ": belongs to another campaign: seed is 1 in the file and 2 here; "
                "give the same, or name another output");
  EXPECT_EQ(read_text(folder / "j"), before);
  const auto journal = Journal::resume(folder / "j", some_identity(), "b");
  StageInfo stage = pi_stage();
  stage.result.columns.pop_back();
  EXPECT_EQ(error_of([&] { journal->stage(stage); }),
            folder / "j" +
                ": stage 'pi' is another one: the result record is Hits{inside:u64,samples:u64} in the "
                "file and Hits{inside:u64} here; name another output");
  EXPECT_EQ(journal->stage(pi_stage()), 0u);
  stage.name = "second";
  EXPECT_EQ(journal->stage(stage), 1u);
}

TEST(Journal, TakesRowsFromManyThreads) {
  const Folder folder;
  constexpr std::uint64_t each = 5000;
  {
    const auto journal = Journal::create(folder / "j", some_identity(), "b",
                                         {.sync_after = std::chrono::milliseconds(1), .sync_bytes = 4096});
    const std::uint32_t stage = journal->stage(pi_stage());
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        JournalReader reader(*journal);
        for (std::uint64_t n = 0; n < each; ++n) {
          append_pi(*journal, stage, n * 4 + t, "node" + std::to_string(t));
          if (n % 100 == 0) {
            const auto row = reader.find(stage, n * 4 + t);
            EXPECT_TRUE(row && is_pi(*row, n * 4 + t));
          }
        }
        journal->flush();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto journal = Journal::read(folder / "j");
  ASSERT_EQ(journal->rows(0), 4 * each);
  JournalReader reader(*journal);
  for (std::uint64_t index = 0; index < 4 * each; ++index) {
    const auto row = reader.find(0, index);
    ASSERT_TRUE(row && is_pi(*row, index));
    ASSERT_EQ(row->execution.host, "node" + std::to_string(index % 4));
  }
}

TEST(Journal, IsReadWhileItIsWritten) {
  const Folder folder;
  const auto journal = Journal::create(folder / "j", some_identity(), "b");
  const std::uint32_t stage = journal->stage(pi_stage());
  append_pi(*journal, stage, 1);
  journal->flush();
  const auto view = Journal::read(folder / "j");
  append_pi(*journal, stage, 2);
  journal->flush();
  EXPECT_EQ(view->rows(stage), 1u);
  EXPECT_EQ(Journal::read(folder / "j")->rows(stage), 2u);
}

}  // namespace
}  // namespace acre::campaign::test

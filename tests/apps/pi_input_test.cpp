// Wrong input to pi: one sentence, an exit status that is not 0, and no file made or harmed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/folder.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using testing::HasSubstr;
using Words = std::vector<std::string>;

class PiInput : public testing::Test {
 protected:
  Ended run(const Words& arguments, const Words& environment = {}) const {
    Words command{ACRE_PI};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command, {.folder = folder_.path(), .environment = environment});
  }

  /// Runs pi, which must refuse with one sentence that holds `words` and leave the folder as it was.
  void expect_refusal(const Words& arguments, const std::string& words, const Words& environment = {}) const {
    const auto before = folder_.content();
    const Ended ended = run(arguments, environment);
    EXPECT_GT(ended.status, 0);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr(words));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_EQ(folder_.content(), before);
  }

  /// A finished small run into out.h5.
  void finished() const {
    ASSERT_EQ(run({"--samples", "1000", "--tasks", "10", "--out", "out.h5"}).status, 0);
  }
  /// The arguments that resume it, but for what `changed` says differently.
  static Words resume(const std::string& option = "", const std::string& value = "") {
    Words words{"--samples", "1000", "--tasks", "10", "--out", "out.h5", "--resume"};
    const auto at = std::find(words.begin(), words.end(), option);
    if (at != words.end())
      *(at + 1) = value;
    else if (!option.empty())
      words.insert(words.end(), {option, value});
    return words;
  }

  Folder folder_;
};

TEST_F(PiInput, UnknownOptionsAreRefused) {
  expect_refusal({"--sample", "10"}, "--sample");
  expect_refusal({"extra"}, "extra");
}

TEST_F(PiInput, CountsAreWholeNumbersAboveZero) {
  for (const char* option : {"--samples", "--tasks", "--workers"})
    for (const char* value : {"0", "-1", "-5", "1.5", "1e9", "many", "", "99999999999999999999999"}) {
      SCOPED_TRACE(std::string(option) + " " + value);
      expect_refusal({option, value}, option);
    }
  expect_refusal({"--seed", "-1"}, "--seed");
  expect_refusal({"--seed", "x"}, "--seed");
}

TEST_F(PiInput, MoreTasksThanSamplesAreRefused) {
  expect_refusal({"--samples", "5", "--tasks", "6"}, "6 tasks are more than the 5 samples");
}

TEST_F(PiInput, ResumeNeedsAFile) { expect_refusal({"--resume"}, "--out"); }

TEST_F(PiInput, OutputsThatCannotBeAreRefused) {
  expect_refusal({"--out", "nowhere/out.h5"}, "there is no folder nowhere");
  expect_refusal({"--out", "."}, "is a folder");
  expect_refusal({"--out", ""}, "--out");
}

TEST_F(PiInput, AnExistingOutputIsRefusedWithoutResume) {
  finished();
  expect_refusal({"--samples", "1000", "--tasks", "10", "--out", "out.h5"}, "out.h5 exists already");
  write_file(folder_ / "text", "mine\n");
  expect_refusal({"--out", "text"}, "text exists already");
  write_file(folder_ / "half.h5.journal", "mine\n");
  expect_refusal({"--out", "half.h5"}, "half.h5.journal exists already");
}

TEST_F(PiInput, ResumingNothingIsRefused) {
  expect_refusal(resume(), "out.h5 does not exist: there is nothing to resume");
}

TEST_F(PiInput, ResumingAnotherRunIsRefusedByName) {
  finished();
  expect_refusal(resume("--seed", "2"), "seed is 1 in the file and 2 here");
  expect_refusal(resume("--samples", "1001"), "samples is 1000 in the file and 1001 here");
  expect_refusal(resume("--tasks", "20"), "tasks is 10 in the file and 20 here");
}

TEST_F(PiInput, FilesOfOthersAreNotHarmed) {
  write_file(folder_ / "out.h5", "a text of mine\n");
  expect_refusal(resume(), "out.h5 is not a result file of acre");
  write_file(folder_ / "new.h5.journal", "a text of mine\n");
  Words words = resume("--out", "new.h5");
  expect_refusal(words, "new.h5.journal");
}

TEST_F(PiInput, AResultWhoseJournalIsGoneIsNotResumed) {
  finished();
  ASSERT_EQ(std::remove((folder_ / "out.h5.journal").c_str()), 0);
  expect_refusal(resume(), "the journal out.h5.journal of out.h5 is gone");
}

TEST_F(PiInput, ADamagedJournalIsRefused) {
  finished();
  std::string journal = content_of(folder_ / "out.h5.journal");
  journal[journal.size() / 2] ^= 1;
  write_file(folder_ / "out.h5.journal", journal);
  expect_refusal(resume(), "out.h5.journal");
}

TEST_F(PiInput, SettingsAreChecked) {
  expect_refusal({}, "did you mean ACRE_WORKERS?", {"ACRE_WORKRES=2"});
  expect_refusal({}, "ACRE_WORKERS is \"0\"", {"ACRE_WORKERS=0"});
  expect_refusal({}, "ACRE_RANKS_PER_NODE is \"x\"", {"ACRE_RANKS_PER_NODE=x"});
}

TEST_F(PiInput, HelpIsNoMistake) {
  const Ended ended = run({"--help"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("--samples"));
  EXPECT_EQ(ended.err, "");
}

TEST_F(PiInput, ATaskFewerThanWorkersIsFine) {
  const Ended ended = run({"--samples", "1", "--tasks", "1", "--workers", "4"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("samples 1 in 1 tasks"));
}

}  // namespace
}  // namespace acre::test

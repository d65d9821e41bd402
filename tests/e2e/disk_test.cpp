// A disk that is full, for the journal and for the result file: words, no harm, and a resume that loses
// nothing.
#include <gtest/gtest.h>
#include <unistd.h>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {

const Words study{"--samples", "20000000", "--tasks", "30000", "--out", "out.h5"};

Words resume() {
  Words words = study;
  words.push_back("--resume");
  return words;
}

const std::string& wanted() {
  static const std::string out = results(run_program(pi({"--samples", "20000000", "--tasks", "30000"})).out);
  return out;
}

class Disk : public testing::TestWithParam<Launch> {
 protected:
  // Files may grow to so many bytes only, as on a disk with no more room. That holds for shared memory too,
  // so it must be more than a worker's rings take.
  Ended run(std::size_t most_bytes) const {
    const Launch& launch = GetParam();
    Start start = launch.start(folder_);
    Words command = launch.command(pi(study));
    // Only pi is limited: mpirun's own files are not the matter.
    const Words limit{"prlimit", "--fsize=" + std::to_string(most_bytes)};
    command.insert(command.end() - static_cast<long>(pi(study).size()), limit.begin(), limit.end());
    if (launch.ranks > 0) start.environment.push_back("OMPI_MCA_btl=self,tcp");  // no files of shared memory
    return run_program(command, start);
  }
  void expect_one_sentence(const Ended& ended, const std::string& words) const {
    EXPECT_GT(ended.status, 0);
    ASSERT_EQ(sentences(ended.err).size(), 1U) << ended.err;
    EXPECT_NE(sentences(ended.err).front().find(words), std::string::npos) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(size_of(folder_ / "out.h5"), 0U);
    EXPECT_EQ(size_of(folder_ / "out.h5.lock"), 0U);
    EXPECT_EQ(size_of(folder_ / "out.h5.tmp"), 0U);
  }
  void expect_resumable() const {
    const Ended resumed = run_program(GetParam().command(pi(resume())), GetParam().start(folder_));
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(results(resumed.out), wanted());
    EXPECT_NE(resumed.out.find("tasks were recorded by an earlier run"), std::string::npos);
  }
  Folder folder_;
};

TEST_P(Disk, FullForTheJournal) {
  const Ended ended = run(1'000'000);
  expect_one_sentence(ended, "out.h5.journal");
  EXPECT_LE(size_of(folder_ / "out.h5.journal"), 1'000'000U);
  expect_resumable();
}

TEST_P(Disk, FullForTheResultFileAlone) {
  const Ended small =
      run_program(pi({"--samples", "20000000", "--tasks", "30000", "--out", folder_ / "size.h5"}));
  ASSERT_EQ(small.status, 0);
  const std::size_t journal = size_of(folder_ / "size.h5.journal"), file = size_of(folder_ / "size.h5");
  ASSERT_GT(journal, 0U);
  if (file <= journal) GTEST_SKIP() << "the result file is smaller than the journal";
  const Ended ended = run((journal + file) / 2);
  expect_one_sentence(ended, "out.h5");
  expect_resumable();
}

INSTANTIATE_TEST_SUITE_P(Of, Disk, testing::Values(Launch{}, Launch{2}, Launch{2, 1}),
                         [](const auto& made) { return made.param.name(); });

TEST(Tmpfs, FullAndThenEnlarged) {
  if (::geteuid() != 0 || run_program({"unshare", "-m", "true"}).status != 0)
    GTEST_SKIP() << "mounting a small disk needs root and a mount namespace";
  const Folder folder;
  const std::string script =
      "mount -t tmpfs -o size=1m tmpfs . && cd . && \"$@\" --out out.h5; status=$?\n"
      "test -e out.h5 && echo a file is there\n"
      "mount -o remount,size=100m . && \"$@\" --out out.h5 --resume; exit $status\n";
  Words command{"unshare", "-m", "sh", "-c", "cd \"$PWD\" && " + script, "sh"};
  for (const std::string& word : pi({"--samples", "20000000", "--tasks", "30000"})) command.push_back(word);
  const Ended ended = run_program(command, {.folder = folder.path()});
  EXPECT_EQ(ended.status, 1) << ended.err;
  ASSERT_EQ(sentences(ended.err).size(), 1U) << ended.err;
  EXPECT_NE(sentences(ended.err).front().find("No space left on device"), std::string::npos) << ended.err;
  EXPECT_EQ(results(ended.out), wanted()) << ended.err;
  EXPECT_EQ(ended.out.find("a file is there"), std::string::npos);
}

}  // namespace
}  // namespace acre::test

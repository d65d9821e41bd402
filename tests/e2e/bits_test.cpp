// The same bits whatever the workers, ranks and nodes, in the output and in the file.
#include <gtest/gtest.h>

#include <acre/campaign/result_file.hpp>

#include "e2e/pi_run.hpp"

namespace acre::test {
namespace {

const Words study{"--samples", "100000007", "--tasks", "501", "--seed", "11"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::string& wanted() {
  static const std::string out = results(run_program(pi(with(study, {"--workers", "1"}))).out);
  return out;
}

class Bits : public testing::TestWithParam<Launch> {
 protected:
  Ended run(const Words& more) const {
    return run_program(GetParam().command(pi(with(study, more))), GetParam().start(folder_));
  }
  Folder folder_;
};

TEST_P(Bits, WithoutAFile) {
  const Ended ended = run({});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(ended.out), wanted());
}

TEST_P(Bits, WithAFileWhoseDigestIsThePrintedOne) {
  const Ended ended = run({"--out", "out.h5"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(results(ended.out), wanted());
  EXPECT_EQ("digest " + campaign::results_digest_of_file(folder_ / "out.h5"), line(wanted(), "digest"));
  EXPECT_EQ(size_of(folder_ / "out.h5.lock"), 0U);
  // Whoever has no acre finds it as an attribute.
  const Ended dump = run_program({"h5dump", "-a", "/digest", folder_ / "out.h5"});
  EXPECT_EQ(dump.status, 0) << dump.err;
  EXPECT_NE(dump.out.find('"' + line(wanted(), "digest").substr(7) + '"'), std::string::npos) << dump.out;
}

INSTANTIATE_TEST_SUITE_P(Of, Bits,
                         testing::Values(Launch{}, Launch{1}, Launch{2}, Launch{3}, Launch{4}, Launch{8},
                                         Launch{1, 1}, Launch{2, 1}, Launch{3, 1}, Launch{4, 1}, Launch{8, 1},
                                         Launch{4, 2}),
                         [](const auto& made) { return made.param.name(); });

TEST(BitsOfWorkers, AreTheSame) {
  for (const char* workers : {"1", "2", "7"}) {
    const Folder folder;
    const Ended ended =
        run_program(pi(with(study, {"--workers", workers, "--out", "out.h5"})), {.folder = folder.path()});
    EXPECT_EQ(results(ended.out), wanted()) << workers;
    EXPECT_EQ(line(ended.out, "workers"), std::string("workers ") + workers + " on 1 node");
    EXPECT_EQ("digest " + campaign::results_digest_of_file(folder / "out.h5"), line(wanted(), "digest"));
  }
}

TEST(BitsOfSeeds, Differ) {
  EXPECT_NE(line(run_program(pi({"--samples", "100000007", "--tasks", "501", "--seed", "12"})).out, "digest"),
            line(wanted(), "digest"));
}

}  // namespace
}  // namespace acre::test

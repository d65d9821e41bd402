// Signals to a recorded pi run: it drains or ends, keeps what was finished, and leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "support/folder.hpp"
#include "support/processes.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;
using testing::HasSubstr;
using Words = std::vector<std::string>;

class PiSignals : public testing::Test {
 protected:
  static Words pi(const Words& more) {
    Words command{ACRE_PI, "--samples", "6000000000", "--tasks", "600"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  Start here() const { return {.folder = folder_.path()}; }
  /// Waits until some results are on disk and many are not.
  bool under_way() const {
    return wait_until([&] { return size_of(folder_ / "out.h5.journal") > 5'000; });
  }
  static std::string line(const std::string& out, const std::string& name) {
    const std::size_t at = out.find(name + " ");
    return at == std::string::npos ? "no " + name : out.substr(at, out.find('\n', at) - at);
  }
  /// The digest of a run that nobody disturbs.
  static const std::string& digest() {
    static const std::string undisturbed = line(run_program(pi({})).out, "digest");
    return undisturbed;
  }
  /// What was recorded is there: a resumed run computes the rest, and the digest of an undisturbed run.
  void expect_resumable() const {
    const Ended resumed = run_program(pi({"--out", "out.h5", "--resume"}), here());
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    EXPECT_EQ(line(resumed.out, "digest"), digest());
    EXPECT_THAT(resumed.out, HasSubstr("tasks were recorded by an earlier run"));
  }
  void expect_drain(int signal, int status) const {
    Program program(pi({"--out", "out.h5"}), here());
    ASSERT_TRUE(under_way()) << program.err();
    program.signal(signal);
    const Ended ended = program.wait(seconds(20));
    EXPECT_EQ(ended.status, status) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("told to stop before all tasks were done"));
    EXPECT_EQ(size_of(folder_ / "out.h5"), 0U);
    EXPECT_TRUE(program.all_gone());
    expect_resumable();
  }

  Folder folder_;
};

TEST_F(PiSignals, InterruptDrains) { expect_drain(SIGINT, 130); }
TEST_F(PiSignals, TerminateDrains) { expect_drain(SIGTERM, 75); }
TEST_F(PiSignals, User1Drains) { expect_drain(SIGUSR1, 75); }

TEST_F(PiSignals, ASecondInterruptEndsTheRunAtOnce) {
  // One task of minutes, so that a drain would take as long.
  Program program({ACRE_PI, "--samples", "4000000000000", "--tasks", "2", "--workers", "1"}, here());
  const auto working = [&] {
    const auto processes = program.processes();
    return std::any_of(processes.begin(), processes.end(),
                       [](pid_t pid) { return name_of(pid).starts_with("acre worker"); });
  };
  ASSERT_TRUE(wait_until(working)) << program.err();
  program.signal(SIGINT);
  program.signal(SIGTERM);  // two of the same may be taken for one
  EXPECT_THAT(program.wait(seconds(20)).status, testing::AnyOf(130, 75));
  EXPECT_TRUE(program.all_gone());
}

TEST_F(PiSignals, AKilledRootLeavesNothingBehindAndLosesNothing) {
  Program program(pi({"--out", "out.h5"}), here());
  ASSERT_TRUE(under_way()) << program.err();
  program.signal(SIGKILL);
  EXPECT_EQ(program.wait(seconds(20)).status, -SIGKILL);
  EXPECT_TRUE(program.all_gone(seconds(1)));
  expect_resumable();
}

TEST_F(PiSignals, AKilledWorkerCostsNothing) {
  Program program(pi({"--out", "out.h5"}), here());
  ASSERT_TRUE(under_way()) << program.err();
  int killed = 0;
  for (const pid_t pid : program.processes())
    if (name_of(pid).starts_with("acre worker")) kill_process(pid), ++killed;
  EXPECT_GE(killed, 1);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(line(ended.out, "digest"), digest());
  EXPECT_TRUE(program.all_gone());
}

TEST_F(PiSignals, TwoRunsOnOneFileAreRefused) {
  Program program(pi({"--out", "out.h5"}), here());
  ASSERT_TRUE(under_way()) << program.err();
  const Ended second = run_program(pi({"--out", "out.h5", "--resume"}), here());
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr(std::to_string(program.pid())));
  EXPECT_EQ(program.wait().status, 0);
}

}  // namespace
}  // namespace acre::test

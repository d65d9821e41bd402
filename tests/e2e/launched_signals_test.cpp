// Signals under mpirun: USR1 drains, TERM and INT leave a journal that can be resumed, and nothing stays
// behind.
#include <gtest/gtest.h>
#include <signal.h>

#include "e2e/pi_run.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

// A layout, and the workers that its nodes have together.
struct Layout {
  Launch launch;
  int workers;
};

void PrintTo(const Layout& layout, std::ostream* out) { *out << layout.launch.name(); }

class LaunchedSignals : public testing::TestWithParam<Layout> {
 protected:
  /// A campaign of three seconds, as mpirun waits for one before it passes INT and TERM on.
  Words noting(const Words& more = {}) const {
    Words command{ACRE_NOTING, "out.h5", "trace", tasks_, "10000"};
    command.insert(command.end(), more.begin(), more.end());
    return GetParam().launch.command(command);
  }
  Start here() const {
    Start start = GetParam().launch.start(folder_);
    const int nodes = GetParam().launch.ranks_per_node == 1 ? GetParam().launch.ranks : 1;
    start.environment.push_back("ACRE_WORKERS=" + std::to_string(GetParam().workers / nodes));
    return start;
  }
  std::unique_ptr<Program> under_way() const {
    auto program = std::make_unique<Program>(noting(), here());
    EXPECT_TRUE(wait_until([&] { return size_of(folder_ / "out.h5.journal") > 2'000; })) << program->err();
    return program;
  }
  void expect_resumable() const {
    EXPECT_EQ(size_of(folder_ / "out.h5"), 0U);
    const Ended resumed = run_program(noting({"resume"}), here());
    EXPECT_EQ(resumed.status, 0) << resumed.err;
    const Folder other;
    const Ended whole = run_program({ACRE_NOTING, other / "out.h5", other / "trace", tasks_, "0"});
    EXPECT_EQ(line(resumed.out, "digest"), line(whole.out, "digest"));
  }
  void expect_drained(Program& program) const {
    const Ended ended = program.wait(seconds(20));
    EXPECT_NE(ended.status, 0);
    ASSERT_EQ(sentences(ended.err).size(), 1U) << ended.err;
    EXPECT_NE(sentences(ended.err).front().find("told to stop before all tasks were done"),
              std::string::npos);
    EXPECT_EQ(ended.err.find("MPI_ABORT"), std::string::npos) << ended.err;
    EXPECT_TRUE(program.all_gone());
    EXPECT_EQ(size_of(folder_ / "out.h5.lock"), 0U);
    expect_resumable();
  }
  Folder folder_;
  std::string tasks_ = std::to_string(300 * GetParam().workers);
};

class User1 : public LaunchedSignals {
 protected:
  User1() { tasks_ = std::to_string(100 * GetParam().workers); }
};

TEST_P(User1, ToMpirunDrains) {
  const auto program = under_way();
  program->signal(SIGUSR1);
  expect_drained(*program);
}

TEST_P(User1, ToTheLastRankDrains) {
  const auto program = under_way();
  const pid_t last = ranks_of(*program, GetParam().launch).back();
  ASSERT_TRUE(program->signal(SIGUSR1, last));
  expect_drained(*program);
}

INSTANTIATE_TEST_SUITE_P(Of, User1, testing::Values(Layout{{2}, 2}, Layout{{4, 1}, 4}),
                         [](const auto& made) { return made.param.launch.name(); });

class Terminate : public LaunchedSignals {};

TEST_P(Terminate, ToMpirunLeavesAJournal) {
  const auto program = under_way();
  program->signal(SIGTERM);
  EXPECT_NE(program->wait(seconds(20)).status, 0);
  EXPECT_TRUE(program->all_gone());
  expect_resumable();
}

INSTANTIATE_TEST_SUITE_P(Of, Terminate, testing::Values(Layout{{2}, 2}, Layout{{4, 1}, 4}),
                         [](const auto& made) { return made.param.launch.name(); });

class Interrupt : public LaunchedSignals {};

TEST_P(Interrupt, ToMpirunLeavesAJournal) {
  const auto program = under_way();
  program->signal(SIGINT);
  EXPECT_NE(program->wait(seconds(20)).status, 0);
  EXPECT_TRUE(program->all_gone());
  expect_resumable();
}

INSTANTIATE_TEST_SUITE_P(Of, Interrupt, testing::Values(Layout{{1}, 1}),
                         [](const auto& made) { return made.param.launch.name(); });

}  // namespace
}  // namespace acre::test

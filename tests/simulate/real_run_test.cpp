// Real runs whose workers are killed write event logs that the scheduler takes again, action for action.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <iterator>

#include <acre/observe/mapped_file.hpp>
#include <acre/simulate/replay.hpp>

#include "e2e/pi_run.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {
using observe::LoggedStep;

constexpr std::uint64_t tasks = 400;

/// What logs tell together.
struct Story {
  std::uint64_t dealt = 0, delivered = 0, lost = 0;
};

void tell(Story& story, const LoggedStep& step) {
  if (std::holds_alternative<schedule::MemberLost>(step.event)) ++story.lost;
  for (const schedule::Action& action : step.actions) {
    if (const auto* deal = std::get_if<schedule::Dispatch>(&action)) story.dealt += deal->count;
    if (const auto* deliver = std::get_if<schedule::Deliver>(&action)) story.delivered += deliver->count;
  }
}

/// Replays a log, which must come out the same and whole.
void replay_into(Story& story, const std::string& path) {
  const observe::MappedFile file(path);
  observe::EventLogReader log(path, file.bytes());
  const auto replay = simulate::replay(log, [&story](const LoggedStep& step) { tell(story, step); });
  EXPECT_EQ(replay.difference, "") << path;
  EXPECT_FALSE(replay.torn) << path;
}

class RealRun : public testing::TestWithParam<Launch> {
 protected:
  Start start(const std::string& log) const {
    Start start = GetParam().start(folder_);
    start.environment.push_back("ACRE_EVENT_LOG=" + log);
    return start;
  }
  Words command(std::uint64_t count) const {
    return GetParam().command(
        {ACRE_NOTING, folder_ / "out.h5", folder_ / "trace", std::to_string(count), "4000"});
  }
  /// Schedulers of a run: one at the root, and one at each other node.
  int schedulers() const {
    const Launch& launch = GetParam();
    return launch.ranks_per_node == 0 ? 1 : launch.ranks / launch.ranks_per_node;
  }
  std::string log_of(int rank) const { return observe::event_log_path(folder_ / "log", rank, 1); }
  Folder folder_;
};

TEST_P(RealRun, WithKilledWorkersReplaysToTheSameActions) {
  Program program(command(tasks), start(folder_ / "log"));
  ASSERT_TRUE(wait_until([&] { return lines_in(folder_ / "trace") >= tasks / 2; })) << program.err();
  std::uint64_t killed = 0;
  for (const pid_t rank : ranks_of(program, GetParam()))
    for (const pid_t worker : workers_of(rank)) killed += program.signal(SIGKILL, worker) ? 1 : 0;
  EXPECT_GE(killed, 2U);
  const Ended ended = program.wait();
  ASSERT_EQ(ended.status, 0) << ended.err;

  Story root, all;
  replay_into(root, log_of(0));
  EXPECT_EQ(root.delivered, tasks);
  EXPECT_GE(root.dealt, tasks);
  for (int rank = 0; rank < schedulers(); ++rank) {
    replay_into(all, log_of(rank));
    EXPECT_EQ(run_program({ACRE_SIMULATE, "--replay", log_of(rank)}).status, 0);
  }
  using std::filesystem::directory_iterator;
  const std::filesystem::path logs = folder_ / "log";
  EXPECT_EQ(std::distance(directory_iterator(logs), directory_iterator()), schedulers());
  EXPECT_GE(all.dealt, lines_in(folder_ / "trace")) << "something ran that no log tells of";
  EXPECT_GT(all.lost, 0U);
  EXPECT_LE(all.lost, killed);
}

INSTANTIATE_TEST_SUITE_P(Of, RealRun, testing::Values(Launch{}, Launch{2}, Launch{3, 1}),
                         [](const auto& made) { return made.param.name(); });

}  // namespace
}  // namespace acre::test

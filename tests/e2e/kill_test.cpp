// Kills in mid-run: nothing that was recorded is lost, only the rest runs again, nothing stays behind.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <sstream>

#include <acre/campaign/journal.hpp>

#include "e2e/pi_run.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {

constexpr std::uint64_t tasks = 400;

// Who is killed: from the program and its ranks, root first.
struct Victim {
  std::string name;
  Launch launch;
  pid_t (*choose)(const Program&, const std::vector<pid_t>& ranks);
};

void PrintTo(const Victim& victim, std::ostream* out) { *out << victim.name; }

pid_t launcher(const Program& program, const std::vector<pid_t>&) { return program.pid(); }
pid_t root(const Program&, const std::vector<pid_t>& ranks) { return ranks.front(); }
pid_t last_rank(const Program&, const std::vector<pid_t>& ranks) { return ranks.back(); }

class Kill : public testing::TestWithParam<Victim> {
 protected:
  Words noting(const Words& more = {}) const {
    Words command{ACRE_NOTING, folder_ / "out.h5", folder_ / "trace", std::to_string(tasks), "4000"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  /// How often each task has run so far.
  std::map<std::uint64_t, int> runs() const {
    std::map<std::uint64_t, int> counts;
    std::istringstream trace(content_of(folder_ / "trace"));
    for (std::uint64_t index = 0; trace >> index;) ++counts[index];
    return counts;
  }
  std::vector<bool> recorded() const {
    const auto journal = campaign::Journal::read(folder_ / "out.h5.journal");
    std::vector<bool> found(tasks);
    for (std::uint64_t i = 0; i < tasks; ++i) found[i] = journal->contains(0, i);
    return found;
  }
  /// Starts a run and returns once half of its tasks have run.
  std::unique_ptr<Program> half_way() const {
    const Launch& launch = GetParam().launch;
    auto program = std::make_unique<Program>(launch.command(noting()), launch.start(folder_));
    EXPECT_TRUE(wait_until([&] { return lines_in(folder_ / "trace") >= tasks / 2; })) << program->err();
    return program;
  }
  Folder folder_;
};

TEST_P(Kill, OnlyWhatIsNotRecordedRunsAgain) {
  const Launch& launch = GetParam().launch;
  const auto program = half_way();
  ASSERT_TRUE(program->signal(SIGKILL, GetParam().choose(*program, ranks_of(*program, launch))));
  EXPECT_NE(program->wait(std::chrono::seconds(20)).status, 0);
  EXPECT_TRUE(program->all_gone()) << "processes are left";
  EXPECT_EQ(size_of(folder_ / "out.h5"), 0U);

  const std::vector<bool> kept = recorded();
  const auto count = std::count(kept.begin(), kept.end(), true);
  EXPECT_GT(count, 0);
  EXPECT_LT(count, static_cast<long>(tasks));
  std::map<std::uint64_t, int> wanted = runs();
  for (std::uint64_t i = 0; i < tasks; ++i) {
    if (kept[i])
      EXPECT_EQ(wanted[i], 1) << "task " << i << " was recorded and has not run once";
    else
      ++wanted[i];
  }
  const Ended resumed = run_program(launch.command(noting({"resume"})), launch.start(folder_));
  EXPECT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(runs(), wanted);

  const Folder other;
  const Ended undisturbed =
      run_program({ACRE_NOTING, other / "out.h5", other / "trace", std::to_string(tasks), "0"});
  EXPECT_EQ(line(resumed.out, "digest"), line(undisturbed.out, "digest"));
}

INSTANTIATE_TEST_SUITE_P(Of, Kill,
                         testing::Values(Victim{"the_program", {}, root}, Victim{"mpirun", {2}, launcher},
                                         Victim{"mpirun_of_nodes", {4, 1}, launcher},
                                         Victim{"the_root", {2}, root},
                                         Victim{"the_root_of_nodes", {4, 1}, root},
                                         Victim{"a_parked_rank", {2}, last_rank},
                                         Victim{"an_agent", {4, 1}, last_rank}),
                         [](const auto& made) { return made.param.name; });

class KillWorkers : public Kill {};

TEST_P(KillWorkers, CostsAttemptsAndNothingElse) {
  const Launch& launch = GetParam().launch;
  const auto program = half_way();
  int killed = 0;
  for (const pid_t rank : ranks_of(*program, launch))
    for (const pid_t worker : workers_of(rank)) killed += program->signal(SIGKILL, worker) ? 1 : 0;
  EXPECT_GE(killed, 2);
  const Ended ended = program->wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(program->all_gone());
  int again = 0;
  for (const auto& [index, count] : runs()) again += count - 1;
  EXPECT_EQ(runs().size(), tasks);
  EXPECT_LE(again, killed) << "each death costs one attempt at most";
  const std::vector<bool> kept = recorded();
  EXPECT_EQ(std::count(kept.begin(), kept.end(), true), static_cast<long>(tasks));
}

INSTANTIATE_TEST_SUITE_P(Of, KillWorkers,
                         testing::Values(Victim{"plain", {}, nullptr}, Victim{"one_node", {2}, nullptr},
                                         Victim{"nodes", {4, 1}, nullptr}),
                         [](const auto& made) { return made.param.name; });

class ChangedInput : public Kill {};

TEST_P(ChangedInput, IsRefusedByName) {
  const Launch& launch = GetParam().launch;
  const auto program = half_way();
  program->signal(SIGKILL);
  program->wait(std::chrono::seconds(20));
  EXPECT_TRUE(program->all_gone());
  const auto before = folder_.content();
  const Ended changed = run_program(launch.command(noting({"resume", "1"})), launch.start(folder_));
  EXPECT_NE(changed.status, 0);
  ASSERT_EQ(sentences(changed.err).size(), 1U) << changed.err;
  EXPECT_NE(sentences(changed.err).front().find("the input of task 0 of stage notes differs"),
            std::string::npos)
      << changed.err;
  EXPECT_EQ(folder_.content()["out.h5.journal"], before.at("out.h5.journal"));
  EXPECT_EQ(folder_.content()["trace"], before.at("trace")) << "tasks have run";
}

INSTANTIATE_TEST_SUITE_P(Of, ChangedInput,
                         testing::Values(Victim{"plain", {}, nullptr}, Victim{"nodes", {2, 1}, nullptr}),
                         [](const auto& made) { return made.param.name; });

}  // namespace
}  // namespace acre::test

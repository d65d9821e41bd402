// Whole programs whose tasks misbehave, or that are ended themselves: nothing is lost, and nothing is left.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/folder.hpp"
#include "support/processes.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

// Every line once, and nothing else. On stdout lines of two workers may be mixed, as both write to one file.
TEST(Flood, of_output_is_all_there) {
  const Ended ended = run_program({ACRE_ENDS_SCENARIOS, "flooding"});
  EXPECT_EQ(ended.status, 0);
  constexpr std::size_t lines = 1'000'000, bytes = 100 * lines;
  EXPECT_EQ(ended.out.size(), bytes);
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), static_cast<long>(lines));
  ASSERT_EQ(ended.err.size(), bytes);
  std::set<std::string_view> seen;
  for (std::size_t at = 0; at < bytes; at += 100) {
    ASSERT_EQ(ended.err[at + 99], '\n');
    EXPECT_TRUE(seen.insert(std::string_view(ended.err).substr(at, 100)).second);
  }
}

// Children that have ended and that nobody has waited for.
std::set<pid_t> zombies_below(const Program& program) {
  std::set<pid_t> parents, found;
  for (const pid_t process : program.processes()) parents.insert(process);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    std::ifstream in(entry.path() / "status");
    if (process <= 0 || parents.count(parent_of(process)) == 0) continue;
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("State:") && line.find("Z") != std::string::npos) found.insert(process);
  }
  return found;
}

TEST(Zombies, do_not_stay_while_workers_die_one_after_the_other) {
  Program program({ACRE_ENDS_SCENARIOS, "dying"});
  ASSERT_TRUE(wait_until([&] { return program.out() == "going\n"; })) << program.err();
  int looks = 0;
  std::set<pid_t> before;
  while (program.running()) {
    const std::set<pid_t> zombies = zombies_below(program);
    ++looks;
    for (const pid_t process : zombies) EXPECT_EQ(before.count(process), 0u) << "seen twice";
    before = zombies;
    std::this_thread::sleep_for(milliseconds(100));
  }
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_GE(looks, 3);
  EXPECT_TRUE(program.all_gone(seconds(1)));
}

// Names that something left behind could have.
std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}
std::string content(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string names_of(const std::vector<pid_t>& processes) {
  std::string names = "left:";
  for (const pid_t process : processes) names += " " + name_of(process) + ",";
  return names;
}

// How a program's run ends, and from which scene.
struct Ending {
  const char* name;
  std::vector<std::string> command;
  void (*end)(Program& program);
  int ranks = 0;
};

void PrintTo(const Ending& ending, std::ostream* out) { *out << ending.name; }

class Left : public testing::TestWithParam<Ending> {
 protected:
  static std::vector<std::string> command() {
    const Ending& ending = GetParam();
    return ending.ranks == 0 ? ending.command : mpirun(ending.ranks, ending.command);
  }
  Folder folder_;
};

TEST_P(Left, is_nothing_within_a_second) {
  const std::set<std::string> shared_memory = names_in("/dev/shm");
  const std::string semaphores = content("/proc/sysvipc/sem"), segments = content("/proc/sysvipc/shm");
  Program program(command(), {.environment = {"TMPDIR=" + folder_.path(),
                                              "OMPI_MCA_btl_vader_backing_directory=" + folder_.path()}});
  ASSERT_TRUE(wait_until([&] { return program.out() == "going\n"; })) << program.err();
  ASSERT_TRUE(wait_until([&] { return program.processes().size() >= 4; })) << "it has not forked";
  GetParam().end(program);
  program.wait(seconds(20));
  EXPECT_TRUE(program.all_gone(seconds(1))) << names_of(program.processes());
  EXPECT_EQ(content("/proc/sysvipc/sem"), semaphores);
  EXPECT_EQ(content("/proc/sysvipc/shm"), segments);
  for (const std::string& name :
       names_in("/dev/shm"))  // Open MPI's are of other runs: this one's are elsewhere
    EXPECT_TRUE(name.starts_with("vader_segment.") || shared_memory.count(name) == 1) << name;
  if (GetParam().ranks > 0) return;  // a killed mpirun leaves files of its own
  EXPECT_TRUE(names_in(folder_.path()).empty()) << *names_in(folder_.path()).begin();
}

void kill_agent(Program& program) { program.signal(SIGKILL); }
void kill_group(Program& program) {
  ASSERT_EQ(::getpgid(program.pid()), program.pid());
  ::kill(-program.pid(), SIGKILL);
}
void interrupt_twice(Program& program) {
  program.signal(SIGINT);
  program.signal(SIGTERM);  // two of the same may be taken for one
}
void kill_preloaded(Program& program) {
  for (const pid_t process : program.processes())
    if (name_of(process) == "acre preloaded") kill_process(process);
  program.signal(SIGKILL);
}
void kill_all_zygotes(Program& program) {
  for (const pid_t process : program.processes())
    if (name_of(process) == "acre zygote" || name_of(process) == "acre preloaded") kill_process(process);
  program.signal(SIGKILL);
}
// A rank is a child of mpirun.
void kill_rank(Program& program, const std::string& rank) {
  for (const pid_t process : processes_with("OMPI_COMM_WORLD_RANK=" + rank))
    if (parent_of(process) == program.pid()) program.signal(SIGKILL, process);
}
void kill_rank_0(Program& program) { kill_rank(program, "0"); }
void kill_rank_1(Program& program) { kill_rank(program, "1"); }

const std::vector<std::string> stay{ACRE_SCENARIOS, "stay"}, dying{ACRE_ENDS_SCENARIOS, "dying"},
    alone{"setsid", ACRE_SCENARIOS, "stay"}, preloading{ACRE_ENDS_SCENARIOS, "preloading"},
    large{ACRE_ENDS_SCENARIOS, "large_results"};

INSTANTIATE_TEST_SUITE_P(After, Left,
                         testing::Values(Ending{"interrupts_with_daemons", stay, interrupt_twice},
                                         Ending{"interrupts_in_a_preload", preloading, interrupt_twice},
                                         Ending{"a_kill_in_a_preload", preloading, kill_agent},
                                         Ending{"a_kill_of_the_whole_group", alone, kill_group},
                                         Ending{"a_kill_among_deaths", dying, kill_agent},
                                         Ending{"a_kill_among_large_results", large, kill_agent},
                                         Ending{"kills_of_preloaded_zygote_and_agent", dying, kill_preloaded},
                                         Ending{"kills_of_all_zygotes_and_the_agent", large,
                                                kill_all_zygotes}),
                         [](const auto& made) { return made.param.name; });

#if ACRE_WITH_MPI
INSTANTIATE_TEST_SUITE_P(AfterMpi, Left,
                         testing::Values(Ending{"rank_0_is_killed", stay, kill_rank_0, 2},
                                         Ending{"rank_1_is_killed", stay, kill_rank_1, 2},
                                         Ending{"mpirun_is_killed", stay, kill_agent, 2},
                                         Ending{"mpirun_is_told_to_end", stay, interrupt_twice, 2}),
                         [](const auto& made) { return made.param.name; });
#endif

}  // namespace
}  // namespace acre::test

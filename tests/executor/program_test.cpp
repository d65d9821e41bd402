// Whole programs, watched from outside: memory, ends, and what is left after them.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/processes.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
using std::chrono::seconds;

std::vector<std::string> scenario(const std::string& name) { return {ACRE_SCENARIOS, name}; }

long first_number(const std::string& text) {
  long number = -1;
  std::istringstream(text) >> number;
  return number;
}

TEST(Memory, of_an_infinite_map_that_is_broken_off_is_bounded) {
  if (ACRE_SANITIZED) GTEST_SKIP() << "sanitizers keep shadow memory";
  const Ended ended = run_program(scenario("infinite"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_GT(first_number(ended.out), 1000);
  EXPECT_LT(first_number(ended.out), 50 * 1000) << "kB";
}

TEST(Memory, of_a_map_does_not_grow_with_its_length) {
  if (ACRE_SANITIZED) GTEST_SKIP() << "sanitizers keep shadow memory";
  const Ended ended = run_program(scenario("million"));
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_LT(first_number(ended.out), 50 * 1000) << "kB";
  EXPECT_NE(ended.out.find(" 333332833333500000\n"), std::string::npos) << ended.out;
}

// Processes and memory of a program that has started tasks, some of whose children try to get away.
class Going {
 public:
  explicit Going(const std::string& name) : program_(scenario(name)) {
    EXPECT_TRUE(wait_until([&] { return program_.out() == "going\n"; })) << program_.err();
    processes_ = program_.processes();
    EXPECT_GE(processes_.size(), 1u + 1 + 1 + 2 + 4) << "agent, zygote, preloaded zygote, workers, daemons";
  }
  Program& program() { return program_; }
  bool ends_in_time() const { return await_ends(processes_, seconds(1)) && program_.all_gone(seconds(1)); }
  const std::vector<pid_t>& processes() const { return processes_; }

 private:
  Program program_;
  std::vector<pid_t> processes_;
};

TEST(Nothing, is_left_when_the_agent_is_killed) {
  Going going("stay");
  going.program().signal(SIGKILL);
  EXPECT_TRUE(going.ends_in_time());
  EXPECT_EQ(going.program().wait().status, -SIGKILL);
}

TEST(Nothing, is_left_of_fresh_starts_when_the_agent_is_killed) {
  Going going("stay_fresh");
  going.program().signal(SIGKILL);
  EXPECT_TRUE(going.ends_in_time());
}

TEST(Nothing, is_left_when_the_agent_is_stopped_before_it_is_killed) {
  Going going("stay");
  going.program().signal(SIGSTOP);
  going.program().signal(SIGKILL);
  EXPECT_TRUE(going.ends_in_time());
}

TEST(Nothing, is_left_when_the_zygote_is_killed_and_then_the_agent) {
  Going going("stay");
  for (const pid_t process : going.processes())
    if (name_of(process) == "acre preloaded") kill_process(process);
  going.program().signal(SIGKILL);
  EXPECT_TRUE(going.ends_in_time());
}

TEST(Nothing, is_left_when_the_program_ends_normally) {
  Program program(scenario("normal"));
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 7);
  EXPECT_EQ(ended.err, "");
  EXPECT_TRUE(program.all_gone(seconds(1)));
}

TEST(Nothing, is_left_when_the_program_throws) {
  Program program(scenario("exception"));
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "acre: the program has had enough\n");
  EXPECT_TRUE(program.all_gone(seconds(1)));
}

TEST(Nothing, is_left_when_the_program_exits_or_aborts_in_the_middle) {
  Program exits(scenario("exit"));
  EXPECT_EQ(exits.wait().status, 5);
  EXPECT_TRUE(exits.all_gone(seconds(1)));
  Program aborts(scenario("abort"));
  EXPECT_EQ(aborts.wait().status, -SIGABRT);
  EXPECT_TRUE(aborts.all_gone(seconds(1)));
}

// What has no name cannot be left behind: the shared memory of a run is memfds alone.
TEST(Nothing, of_the_shared_memory_has_a_name) {
  Going going("stay");
  int shared_mappings = 0;
  for (const pid_t process : going.processes()) {
    std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
    for (std::string line; std::getline(maps, line);) {
      EXPECT_EQ(line.find("/dev/shm"), std::string::npos) << line;
      EXPECT_EQ(line.find("/SYSV"), std::string::npos) << line;
      shared_mappings += line.find("/memfd:acre-channel") == std::string::npos ? 0 : 1;
    }
  }
  EXPECT_GT(shared_mappings, 0);
}

// Started again, its preloaded zygotes too, by fresh starts of the program; nothing of the old ones is left.
void expect_replaced(Program& program) {
  const Ended ended = program.wait(seconds(30));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "20000 results, 0 without a strike\nit was replaced\nlate tasks run\n");
  EXPECT_EQ(ended.err, "");
  EXPECT_TRUE(program.all_gone(seconds(1)));
}

TEST(Zygote, killed_in_the_middle_of_a_map_costs_no_attempt) {
  Program program(scenario("kill_zygote"));
  expect_replaced(program);
}

TEST(Zygote, killed_under_mpirun_on_each_of_two_nodes_costs_no_attempt) {
  if (!ACRE_WITH_MPI) GTEST_SKIP() << "built without MPI";
  Program program(mpirun(2, scenario("kill_zygote")), {.environment = {"ACRE_RANKS_PER_NODE=1"}});
  expect_replaced(program);
}

// A user who sets the variable that tells a fresh start what it is, by accident or not.
TEST(FreshStarts, that_nobody_asked_for_are_refused_in_one_sentence) {
  const std::string own = std::to_string(::getpid());
  const std::vector<std::string> texts{"",
                                       "1",
                                       "worker",
                                       "worker " + own,
                                       "worker " + own + " 0 1 2 0 1",
                                       "worker " + own + " 99 98 97 96 95",
                                       "zygote " + own + " 0",
                                       "zygote 1 3",
                                       "agent " + own + " 3",
                                       "zygote " + own + " 3 and more",
                                       std::string(5000, '9')};
  for (const std::string& text : texts) {
    const Ended ended = run_program(scenario("normal"), {.environment = {"ACRE_STARTED_AS=" + text}});
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.err, "acre: the environment variable ACRE_STARTED_AS is \"" + text +
                             "\", but it is for acre's own use between the processes of a run: unset it\n");
    EXPECT_EQ(ended.out, "");
  }
}

TEST(Serial, a_task_that_never_ends_is_ended_with_its_program_by_a_second_signal) {
  Program program(scenario("serial_for_ever"));
  EXPECT_TRUE(wait_until([&] { return program.out() == "going\n"; })) << program.err();
  // The first may still be pending when the second comes, and both then are one.
  EXPECT_TRUE(wait_until([&] {
    program.signal(SIGINT);
    return !program.running();
  }));
  EXPECT_EQ(program.wait(seconds(5)).status, 130);
  EXPECT_TRUE(program.all_gone(seconds(1)));
}

TEST(Serial, a_signal_keeps_further_tasks_from_starting) {
  const Ended ended = run_program(scenario("serial_until_drained"));
  EXPECT_EQ(ended.status, 75) << ended.err;
  EXPECT_EQ(ended.out, "drained\n");
}

}  // namespace
}  // namespace acre::test

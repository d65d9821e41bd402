// What other users and programs can reach of a run: nothing.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/processes.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {
namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

// The entries of a folder; none if it may not be read.
Paths entries(const std::string& folder) {
  Paths found;
  std::error_code none;
  for (fs::directory_iterator at(folder, none), end; !none && at != end; at.increment(none))
    found.push_back(at->path().string());
  return found;
}
std::string in_proc(pid_t process, const std::string& name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

class Security : public testing::Test {
 protected:
  // What this test's own parent has left open is no part of it.
  Security() { ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC); }
};

TEST_F(Security, programs_that_tasks_start_inherit_no_descriptor) {
  const Ended ended = run_program({ACRE_ENDS_SCENARIOS, "listing"});
  ASSERT_EQ(ended.status, 0) << ended.err;
  std::istringstream lines(ended.out);
  const std::regex entry(".* ([0-9]+) -> (.*)");
  std::vector<std::string> seen;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, match, entry)) continue;
    seen.push_back(match[1]);
    EXPECT_TRUE(match[1] != "3" || std::regex_match(match[2].str(), std::regex("/proc/[0-9]+/fd"))) << line;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0", "1", "2", "3"})) << "3 is that of ls: " << ended.out;
}

// A program with an agent, zygotes and workers at work.
class Busy {
 public:
  Busy() : program_({ACRE_ENDS_SCENARIOS, "large_results"}) {
    EXPECT_TRUE(wait_until([&] { return program_.processes().size() >= 6; })) << program_.err();
    processes_ = program_.processes();
  }
  const std::vector<pid_t>& processes() const { return processes_; }

 private:
  Program program_;
  std::vector<pid_t> processes_;
};

TEST_F(Security, all_descriptors_are_closed_on_exec) {
  const Busy run;
  int seen = 0;
  for (const pid_t process : run.processes())
    for (const std::string& path : entries(in_proc(process, "fdinfo"))) {
      std::ifstream in(path);
      unsigned flags = O_CLOEXEC;  // of one that has just been closed
      for (std::string line; std::getline(in, line);)
        if (line.starts_with("flags:")) flags = static_cast<unsigned>(std::stoul(line.substr(6), nullptr, 8));
      const int number = std::stoi(fs::path(path).filename());
      if (number <= STDERR_FILENO) continue;
      ++seen;
      EXPECT_NE(flags & O_CLOEXEC, 0u) << name_of(process) << " has " << number;
    }
  EXPECT_GE(seen, 10);
}

// Mappings of workers' shared memory, and descriptors of it.
int mapped_by(pid_t process) {
  std::ifstream maps(in_proc(process, "maps"));
  int mapped = 0;
  for (std::string line; std::getline(maps, line);)
    mapped += line.find("/memfd:acre-channel") == std::string::npos ? 0 : 1;
  return mapped;
}
int held_by(pid_t process) {
  int held = 0;
  std::error_code gone;
  for (const std::string& path : entries(in_proc(process, "fd")))
    held += fs::read_symlink(path, gone).string().starts_with("/memfd:acre-channel") ? 1 : 0;
  return held;
}

TEST_F(Security, shared_memory_is_mapped_and_held_open_by_nobody) {
  const Busy run;
  int mapped = 0;
  for (const pid_t process : run.processes()) mapped += mapped_by(process);
  EXPECT_GE(mapped, 2 * 3);
  for (const pid_t process : run.processes())
    EXPECT_TRUE(wait_until([&] { return held_by(process) == 0; }, std::chrono::seconds(5)))
        << name_of(process) << " holds some though the last worker is there";
}

// How many of these can be opened by somebody else, as a process of that user tells by its exit status.
int opened_by_nobody(const Paths& paths) {
  constexpr uid_t nobody = 65534;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0) ::_exit(255);
    int opened = 0;
    for (const std::string& path : paths)
      for (const int how : {O_RDONLY, O_RDWR}) opened += ::open(path.c_str(), how | O_CLOEXEC) >= 0 ? 1 : 0;
    ::_exit(std::min(opened, 254));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST_F(Security, another_user_can_open_nothing_of_a_run) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  EXPECT_EQ(opened_by_nobody({"/dev/null"}), 2) << "the test can see what can be opened";
  const Busy run;
  Paths paths;
  for (const pid_t process : run.processes()) {
    paths.push_back(in_proc(process, "mem"));
    for (const char* folder : {"fd", "map_files"})
      for (const std::string& path : entries(in_proc(process, folder))) paths.push_back(path);
  }
  EXPECT_GE(paths.size(), 50u);
  EXPECT_EQ(opened_by_nobody(paths), 0);
}

}  // namespace
}  // namespace acre::test

// The result file, read by others, and who writes it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "e2e/pi_run.hpp"
#include "support/processes.hpp"

namespace acre::test {
namespace {

constexpr Launch four_nodes{4, 1};
const Words study{"--samples", "4000000000", "--tasks", "4000", "--out", "out.h5"};

// Whether a process has a file of this name open.
bool has_open(pid_t process, const std::string& name) {
  std::error_code gone;
  for (const auto& fd :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd", gone)) {
    const std::string file = std::filesystem::read_symlink(fd.path(), gone).string();
    if (file.ends_with("/" + name)) return true;
  }
  return false;
}

TEST(File, IsReadByH5pyAndH5dumpAndTellsOfEveryRank) {
  const Folder folder;
  const Ended run = run_program(four_nodes.command(pi(study)), four_nodes.start(folder));
  ASSERT_EQ(run.status, 0) << run.err;
  const Ended python = run_program({ACRE_PYTHON, ACRE_READ_RESULTS, folder / "out.h5", "4"});
  EXPECT_EQ(python.status, 0) << python.err;
  EXPECT_TRUE(line(run.out, "pi").starts_with(line(python.out, "pi"))) << python.out;
  const Ended dump = run_program({"h5dump", "-H", folder / "out.h5"});
  EXPECT_EQ(dump.status, 0) << dump.err;
  for (const char* group : {"inputs", "results", "failures", "execution", "provenance"})
    EXPECT_NE(dump.out.find('"' + std::string(group) + '"'), std::string::npos) << group;
}

TEST(File, IsMadeByRankZeroFromTheOnlyJournal) {
  const Folder folder;
  Program program(four_nodes.command(pi(study)), four_nodes.start(folder));
  ASSERT_TRUE(wait_until([&] { return size_of(folder / "out.h5.journal") > 10'000; })) << program.err();
  const std::vector<pid_t> ranks = ranks_of(program, four_nodes);
  ASSERT_EQ(ranks.size(), 4U);
  std::vector<pid_t> holders;
  for (const pid_t process : program.processes())
    if (has_open(process, "out.h5.journal")) holders.push_back(process);
  EXPECT_EQ(holders, std::vector<pid_t>{ranks.front()});
  EXPECT_EQ(program.wait().status, 0) << program.err();
  std::vector<std::string> files;
  for (const auto& [name, content] : folder.content())
    if (!name.ends_with("/")) files.push_back(name);
  EXPECT_EQ(files, (std::vector<std::string>{"out.h5", "out.h5.journal"}));
  EXPECT_TRUE(program.all_gone());
}

}  // namespace
}  // namespace acre::test

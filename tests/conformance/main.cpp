// The program of the suite. With "--ranks n" it starts itself under mpirun, so that the processes of all
// ranks share the counters of the test, which lie with the process that is started first.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "support/program.hpp"
#include "support/session.hpp"

namespace {
int run_ranks(int argc, char** argv) {
  std::vector<std::string> command{argv[0]};
  for (int i = 3; i < argc; ++i) command.emplace_back(argv[i]);
  const acre::test::Ended ended =
      acre::test::Program(acre::test::mpirun(std::stoi(argv[2]), command)).wait(std::chrono::minutes(5));
  std::fputs(ended.out.c_str(), stdout);
  std::fputs(ended.err.c_str(), stderr);
  return ended.status == 0 ? 0 : 1;
}
}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[1]) == "--ranks") return run_ranks(argc, argv);
  return acre::test::run_tests(argc, argv);
}

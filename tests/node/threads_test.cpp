// How many threads OpenMP and BLAS take in a worker, in a program that has them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/program.hpp"

namespace acre::test {
namespace {

// What the program prints in an environment that has these variables and none other of the kind.
std::string output_of(const std::string& threads, const std::vector<std::string>& variables) {
  std::vector<std::string> command{"env"};
  for (const std::string name : {"OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR"})
    command.insert(command.end(), {"-u", name + "_NUM_THREADS"});
  command.insert(command.end(), variables.begin(), variables.end());
  command.insert(command.end(), {ACRE_OPENMP_PROGRAM, threads});
  const Ended ended = run_program(command);
  EXPECT_EQ(ended.status, 0) << ended.err;
  return ended.out;
}

TEST(Threads, are_one_unless_the_user_says_otherwise) {
  EXPECT_EQ(output_of("0", {}), "1 threads\nOpenMP 1\nBLAS 1 1 1\ncommands 1 1 1 1 1\n");
}

TEST(Threads, are_as_many_as_asked_for) {
  EXPECT_EQ(output_of("3", {}), "2 threads\nOpenMP 3\nBLAS 3 3 3\ncommands 3 3 3 3 3\n");
  EXPECT_EQ(output_of("3", {"OMP_NUM_THREADS=2", "MKL_NUM_THREADS=4"}),
            "2 threads\nOpenMP 3\nBLAS 3 3 3\ncommands 3 3 3 3 3\n");
}

TEST(Threads, are_as_the_environment_says_by_default) {
  EXPECT_EQ(output_of("0", {"OMP_NUM_THREADS=2"}), "2 threads\nOpenMP 2\nBLAS 2 2 2\ncommands 2 2 2 2 2\n");
  EXPECT_EQ(output_of("0", {"OMP_NUM_THREADS=4,2"}),
            "2 threads\nOpenMP 4\nBLAS 4 4 4\ncommands 4,2 4 4 4 4\n");
  EXPECT_EQ(output_of("0", {"OPENBLAS_NUM_THREADS=5"}),
            "2 threads\nOpenMP 1\nBLAS 5 1 1\ncommands 1 5 1 1 1\n");
}

}  // namespace
}  // namespace acre::test

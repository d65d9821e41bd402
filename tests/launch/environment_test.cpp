#include <cstdlib>

#include <gtest/gtest.h>

#include <acre/launch/environment.hpp>

namespace acre::launch {
namespace {
TEST(Environment, IsReadAsItIs) {
  ASSERT_EQ(setenv("ENVIRONMENT_TEST_PLAIN", "a=b c", 1), 0);
  ASSERT_EQ(setenv("ENVIRONMENT_TEST_EMPTY", "", 1), 0);
  ASSERT_EQ(unsetenv("ENVIRONMENT_TEST_MISSING"), 0);
  const Environment environment = read_environment();
  ASSERT_NE(find(environment, "ENVIRONMENT_TEST_PLAIN"), nullptr);
  EXPECT_EQ(*find(environment, "ENVIRONMENT_TEST_PLAIN"), "a=b c");
  ASSERT_NE(find(environment, "ENVIRONMENT_TEST_EMPTY"), nullptr);
  EXPECT_EQ(*find(environment, "ENVIRONMENT_TEST_EMPTY"), "");
  EXPECT_EQ(find(environment, "ENVIRONMENT_TEST_MISSING"), nullptr);
}

TEST(Environment, AbsentIntegerIsNothing) { EXPECT_EQ(find_integer({}, "N", 1), std::nullopt); }

TEST(Environment, IntegerKeepsItsLowerBound) {
  EXPECT_EQ(find_integer({{"N", "0"}}, "N", 0), 0);
  EXPECT_EQ(find_integer({{"N", "1"}}, "N", 1), 1);
  EXPECT_EQ(find_integer({{"N", "2147483647"}}, "N", 1), 2147483647);
}

TEST(Environment, CommandsAreGivenNothingOfTheLauncher) {
  const Environment environment{{"HOME", "/home/ada"},  {"OMPI_COMM_WORLD_RANK", "1"},
                                {"OMPIRE", "kept"},     {"PMIX_RANK", "1"},
                                {"PMI_RANK", "1"},      {"PMI", "kept"},
                                {"SLURM_STEP_ID", "0"}, {"SLURM_JOB_ID", "17"},
                                {"EMPTY", ""},          {"EQUALS", "a=b"}};
  const std::vector<std::string> expected{"EMPTY=",      "EQUALS=a=b", "HOME=/home/ada",
                                          "OMPIRE=kept", "PMI=kept",   "SLURM_JOB_ID=17"};
  EXPECT_EQ(without_launcher_variables(environment), expected);
}
}  // namespace
}  // namespace acre::launch

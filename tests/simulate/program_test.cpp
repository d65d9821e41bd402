// acre-simulate as its users meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/program.hpp"

namespace acre::test {
namespace {
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

Ended run(const Words& arguments) {
  Words command{ACRE_SIMULATE};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, {});
}

/// It must refuse with one sentence that holds `words`.
void expect_refusal(const Words& arguments, const std::string& words) {
  const Ended ended = run(arguments);
  EXPECT_GT(ended.status, 0);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr(words));
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
}

TEST(Program, a_seed_prints_what_was_drawn_and_the_verdict) {
  const Ended ended = run({"--seed", "12"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, StartsWith("seed                     12\nlevels "));
  EXPECT_THAT(ended.out, HasSubstr("\nseed 12: ok, "));
  EXPECT_EQ(run({"--seed", "12"}).out, ended.out);
}

TEST(Program, a_trace_tells_everything) {
  const Ended ended = run({"--seed", "12", "--trace"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("-> deal r0.1["));
  EXPECT_THAT(ended.out, HasSubstr("-> deliver "));
  EXPECT_THAT(ended.out, HasSubstr("-> retire m"));
}

TEST(Program, a_sweep_prints_one_line) {
  const Ended ended = run({"--seeds", "10..30"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, StartsWith("20 seeds, 0 failed, "));
  EXPECT_THAT(ended.out, EndsWith(" seeds/s\n"));
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1);
}

TEST(Program, wrong_input_is_refused) {
  expect_refusal({}, "--seed");
  expect_refusal({"--seed", "1", "--seeds", "1..2"}, "--seeds");
  expect_refusal({"--trace"}, "--seed");
  expect_refusal({"--seed", "1", "--seedz", "1"}, "--seedz");
  for (const char* value : {"", "x", "-1", "1.5", "99999999999999999999999"})
    expect_refusal({"--seed", value}, "--seed");
  for (const char* value : {"", "5", "5..", "..5", "5..5", "6..5", "1...3", "a..b", "-1..5"})
    expect_refusal({"--seeds", value}, "takes two numbers A..B, A below B");
}

TEST(Program, help_is_no_mistake) {
  const Ended ended = run({"--help"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("--enumerate"));
  EXPECT_EQ(ended.err, "");
}

}  // namespace
}  // namespace acre::test

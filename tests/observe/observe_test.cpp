// The progress line as text, and what is said on stderr.
#include <gtest/gtest.h>

#include <acre/observe/progress.hpp>
#include <acre/observe/say.hpp>
#include <chrono>
#include <cstdio>

namespace acre::test {
namespace {
using observe::progress_line;
using std::chrono::seconds;

TEST(ProgressLine, with_a_known_total_has_a_bar_and_the_time_left) {
  EXPECT_EQ(progress_line("pi", {.done = 50, .total = 200, .workers = 4}, seconds(10)),
            "pi [######..................] 50 of 200 tasks, 5/s, 30 s left, 4 workers");
  EXPECT_EQ(progress_line("pi", {.done = 200, .total = 200, .workers = 1}, seconds(10)),
            "pi [########################] 200 of 200 tasks, 20/s, 0 s left, 1 worker");
}

TEST(ProgressLine, without_a_total_counts) {
  EXPECT_EQ(progress_line("pi", {.done = 7, .workers = 2}, seconds(2)), "pi 7 tasks, 3.5/s, 2 workers");
}

TEST(ProgressLine, counts_failures_and_rates_only_what_this_run_did) {
  EXPECT_EQ(progress_line("pi", {.done = 150, .failed = 3, .recorded = 100, .total = 200, .workers = 2},
                          seconds(10)),
            "pi [##################......] 150 of 200 tasks, 5/s, 10 s left, 2 workers, 3 failed");
}

TEST(ProgressLine, speaks_of_minutes_and_hours) {
  const auto left = [](std::uint64_t total) {
    const std::string line = progress_line("x", {.done = 1, .total = total, .workers = 1}, seconds(1));
    return line.substr(line.find("/s, ") + 4);
  };
  EXPECT_EQ(left(60), "59 s left, 1 worker");
  EXPECT_EQ(left(136), "2 min 15 s left, 1 worker");
  EXPECT_EQ(left(3661 + 1), "1 h 1 min left, 1 worker");
}

TEST(ProgressLine, of_nothing_yet_divides_by_nothing) {
  EXPECT_EQ(progress_line("x", {.workers = 0}, Duration{0}), "x 0 tasks, 0/s, 0 workers");
  EXPECT_EQ(progress_line("x", {.total = 0, .workers = 2}, seconds(1)), "x 0 of 0 tasks, 0/s, 2 workers");
  EXPECT_EQ(progress_line("x", {.done = 5, .recorded = 5, .total = 10, .workers = 2}, seconds(1)),
            "x [############............] 5 of 10 tasks, 0/s, 2 workers");
}

TEST(Progress, is_silent_when_nobody_looks) {
  testing::internal::CaptureStderr();
  {
    observe::Progress progress("x");
    progress.show({.done = 1, .workers = 1});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Say, says_one_line_after_what_was_printed) {
  testing::internal::CaptureStderr();
  observe::say("a sentence");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "acre: a sentence\n");
}

}  // namespace
}  // namespace acre::test

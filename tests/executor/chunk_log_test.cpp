// Fixed chunks as the event log of a whole program tells of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <acre/observe/event_log_reader.hpp>

#include "support/folder.hpp"
#include "support/program.hpp"

namespace acre::test {
namespace {

// Items of a map that were dealt together.
struct Dealt {
  std::uint64_t first = 0;
  std::uint32_t count = 0, attempt = 0;
  bool ends_its_range = false;
};

// Runs a scenario and reads from its log what was dealt, in order. Ranges of a map follow one another, so
// they tell which items are meant.
std::vector<Dealt> dealt_in(const std::string& scenario) {
  const Folder folder;
  const Ended ended =
      run_program({ACRE_SCENARIOS, scenario}, {.environment = {"ACRE_EVENT_LOG=" + (folder / "log")}});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const std::string text = content_of(observe::event_log_path(folder / "log", 0, 1));
  observe::EventLogReader reader("the log", bytes_of_text(text));
  struct Range {
    std::uint64_t first = 0;
    std::uint32_t count = 0;
  };
  std::map<TaskId, Range> ranges;
  std::uint64_t items = 0;
  std::vector<Dealt> dealt;
  for (observe::LoggedStep step; reader.next(step);) {
    if (const auto* submitted = std::get_if<schedule::Submitted>(&step.event)) {
      ranges[submitted->task] = {items, submitted->count};
      items += submitted->count;
    }
    for (const schedule::Action& action : step.actions)
      if (const auto* dispatch = std::get_if<schedule::Dispatch>(&action)) {
        const Range& range = ranges.at(dispatch->task);
        dealt.push_back({range.first + dispatch->first, dispatch->count, dispatch->attempt,
                         dispatch->first + dispatch->count == range.count});
      }
  }
  EXPECT_EQ(items, 100u);
  return dealt;
}

TEST(ChunkLog, tells_of_fixed_chunks_of_that_size) {
  std::uint64_t next = 0;
  for (const Dealt& chunk : dealt_in("sevens")) {
    EXPECT_EQ(chunk.first, next);
    EXPECT_EQ(chunk.attempt, 1u);
    EXPECT_TRUE(chunk.count == 7 || chunk.ends_its_range) << chunk.first;
    EXPECT_LE(chunk.count, 7u);
    next += chunk.count;
  }
  EXPECT_EQ(next, 100u);
}

TEST(ChunkLog, tells_that_a_death_in_a_chunk_strikes_the_item_that_ran) {
  std::map<std::uint64_t, std::uint32_t> attempts;
  for (const Dealt& chunk : dealt_in("sevens_and_a_death"))
    for (std::uint64_t item = chunk.first; item < chunk.first + chunk.count; ++item) {
      attempts[item] = std::max(attempts[item], chunk.attempt);
      EXPECT_TRUE(chunk.attempt == 1 || chunk.count == 1) << item;
    }
  ASSERT_EQ(attempts.size(), 100u);
  for (const auto& [item, attempt] : attempts) EXPECT_EQ(attempt, item == 45 ? 2u : 1u) << item;
}

}  // namespace
}  // namespace acre::test

#include <gtest/gtest.h>

#include <acre/launch/settings.hpp>

#include "expect_error.hpp"

namespace acre::launch {
namespace {
TEST(Settings, NothingSetMeansDefaults) {
  const Settings settings = parse_settings({{"HOME", "/"}, {"ACRES", "40"}, {"acre_workers", "3"}});
  EXPECT_EQ(settings.workers, std::nullopt);
  EXPECT_EQ(settings.ranks_per_node, std::nullopt);
}

TEST(Settings, ValuesAreTaken) {
  const Settings settings =
      parse_settings({{"ACRE_RANKS_PER_NODE", "1"}, {"ACRE_WORKERS", "7"}, {"PATH", "/bin"}});
  EXPECT_EQ(settings.workers, 7);
  EXPECT_EQ(settings.ranks_per_node, 1);
}

TEST(Settings, BadValueIsNamed) {
  for (const char* value : {"", "0", "-1", "2.5", "two", " 2", "2 ", "+2", "0x2", "99999999999"}) {
    EXPECT_EQ(error_of([value] {
                parse_settings({{"ACRE_WORKERS", value}});
              }),
              "the environment variable ACRE_WORKERS is \"" + std::string(value) +
                  "\", but must be a positive integer");
  }
}

TEST(Settings, UnknownSettingIsNamedWithItsNearestMatch) {
  const auto sentence = [](const std::string& unknown, const std::string& nearest) {
    return "the environment variable " + unknown + " is not a setting of acre: did you mean " + nearest +
           "? Correct or unset it";
  };
  EXPECT_EQ(error_of([] {
              parse_settings({{"ACRE_WORKER", "2"}});
            }),
            sentence("ACRE_WORKER", "ACRE_WORKERS"));
  EXPECT_EQ(error_of([] {
              parse_settings({{"ACRE_WROKERS", "2"}});
            }),
            sentence("ACRE_WROKERS", "ACRE_WORKERS"));
  EXPECT_EQ(error_of([] {
              parse_settings({{"ACRE_RANK_PER_NODES", "2"}});
            }),
            sentence("ACRE_RANK_PER_NODES", "ACRE_RANKS_PER_NODE"));
  EXPECT_EQ(error_of([] { parse_settings({{"ACRE_", ""}}); }), sentence("ACRE_", "ACRE_WORKERS"));
}

TEST(Settings, AFolderIsTakenAsItIsAndMustHaveAName) {
  EXPECT_EQ(parse_settings({{"ACRE_EVENT_LOG", "some/where"}}).event_log, "some/where");
  EXPECT_EQ(error_of([] {
              parse_settings({{"ACRE_EVENT_LOG", ""}});
            }),
            "ACRE_EVENT_LOG is empty: name a folder or unset it");
}

TEST(Settings, TableNamesEachSettingAndWhereItsValueComesFrom) {
  EXPECT_EQ(
      describe_settings({.workers = 7, .ranks_per_node = {}, .event_log = "logs"}),
      "ACRE_WORKERS         positive integer, default: one per CPU that Slurm, the CPU mask and the cgroups "
      "grant: workers on "
      "each node; "
      "now 7, from the environment\n"
      "ACRE_RANKS_PER_NODE  positive integer, default: the ranks of each machine are one node: for "
      "tests: every "
      "so many consecutive MPI ranks pretend to be a node of their own\n"
      "ACRE_EVENT_LOG       folder, default: none is written: where each scheduler of the run writes its "
      "event log, for acre-simulate --replay; now logs, from the environment\n");
  EXPECT_EQ(describe_settings().find("now"), std::string::npos);
}
}  // namespace
}  // namespace acre::launch

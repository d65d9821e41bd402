// Every order in which a few events can happen, not a sample of them.
#include <gtest/gtest.h>

#include "world.hpp"

namespace acre::schedule {
namespace {

using Kind = World::Kind;

/// Walks all paths from here to where nothing must happen any more, where every task must have ended; counts
/// them.
void explore(const World& world, int depth, std::uint64_t& endings) {
  ASSERT_EQ(world.error(), "");
  ASSERT_LT(depth, 40) << "tasks are tossed to and fro";
  bool more = false;
  for (const World::Move& move : world.moves()) {
    more = more || (move.kind != Kind::lose && move.kind != Kind::drain);
    World next = world;
    next.make(move);
    explore(next, depth + 1, endings);
    if (testing::Test::HasFatalFailure()) return;
  }
  if (more) return;
  ASSERT_TRUE(world.finished());
  ++endings;
}

std::uint64_t paths(std::uint32_t prefetch, Limits limits) {
  std::uint64_t endings = 0;
  explore(World({.prefetch_min = prefetch, .prefetch_max = prefetch}, limits), 0, endings);
  return endings;
}

TEST(Interleaving, three_tasks_two_members_one_loss) {
  for (const std::uint32_t prefetch : {0u, 1u, 2u}) {
    EXPECT_GT(paths(prefetch, {.tasks = 3, .losses = 1}), 10000u) << "prefetch " << prefetch;
  }
}

TEST(Interleaving, a_member_comes_back) {
  EXPECT_GT(paths(2, {.tasks = 2, .joins = 1, .losses = 2}), 10000u);
}

TEST(Interleaving, one_slot_for_three_tasks) {
  EXPECT_GT(paths(1, {.tasks = 3, .slots = 1, .joins = 1, .losses = 1}), 1000u);
}

TEST(Interleaving, failures_and_a_loss) {
  EXPECT_GT(paths(2, {.tasks = 3, .max_attempts = 3, .losses = 1, .failures = 1}), 10000u);
}

TEST(Interleaving, cancels_and_a_loss) {
  EXPECT_GT(paths(2, {.tasks = 2, .losses = 1, .cancels = 2}), 10000u);
}

TEST(Interleaving, a_drain_and_a_loss) {
  EXPECT_GT(paths(2, {.tasks = 3, .losses = 1, .drains = 1}), 10000u);
}

}  // namespace
}  // namespace acre::schedule

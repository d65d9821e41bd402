// Long random walks through a small world; the seed, which is in the test's name, also switches kinds of
// events off.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "world.hpp"

namespace acre::schedule {
namespace {

using Kind = World::Kind;

class RandomWalk : public testing::TestWithParam<std::uint64_t> {
 protected:
  std::uint64_t draw(std::uint64_t below) { return generator_() % below; }

  Policy draw_policy() {
    const auto least = static_cast<std::uint32_t>(draw(3));
    return {.prefetch_target = std::chrono::milliseconds(draw(9)),
            .low_water = static_cast<double>(draw(5)) / 4,
            .prefetch_min = least,
            .prefetch_max = least + static_cast<std::uint32_t>(draw(9))};
  }

  Limits draw_limits() {
    constexpr std::uint32_t many = 1u << 30;
    return {.tasks = 3000,
            .slots = 1 + static_cast<std::uint32_t>(draw(40)),
            .max_attempts = 1 + static_cast<std::uint32_t>(draw(4)),
            .members = 1 + static_cast<std::uint32_t>(draw(5)),
            .max_workers = 1 + static_cast<std::uint32_t>(draw(4)),
            .joins = many,
            .losses = many,
            .failures = many,
            .cancels = many,
            .drains = 1};
  }

  /// Makes one of the possible moves, drawn by the weights of their kinds; false if there is none.
  bool walk(World& world, const std::array<double, World::kinds>& weights) {
    const std::vector<World::Move> moves = world.moves();
    std::vector<double> sums;
    sums.reserve(moves.size());
    double sum = 0;
    for (const World::Move& move : moves) sums.push_back(sum += weights[static_cast<std::size_t>(move.kind)]);
    if (sum == 0) return false;
    const double at = sum * static_cast<double>(draw(1u << 20)) / (1u << 20);
    world.make(moves[static_cast<std::size_t>(std::ranges::upper_bound(sums, at) - sums.begin())]);
    return true;
  }

  std::mt19937_64 generator_{GetParam()};
};

TEST_P(RandomWalk, every_task_ends_exactly_once) {
  World world(draw_policy(), draw_limits());
  std::array<double, World::kinds> weights{};
  for (const Kind kind : {Kind::submit, Kind::start, Kind::start_unseen, Kind::finish, Kind::answer}) {
    weights[static_cast<std::size_t>(kind)] = 1 + static_cast<double>(draw(4));
  }
  for (const Kind kind : {Kind::join, Kind::lose, Kind::fail, Kind::retry, Kind::late, Kind::cancel}) {
    weights[static_cast<std::size_t>(kind)] = static_cast<double>(draw(3)) / 20;
  }
  // While these can happen the walk may go on for ever; then they stop and all must come to its end.
  for (int step = 0; step < 5000 && walk(world, weights); ++step)
    ASSERT_EQ(world.error(), "") << "step " << step;
  if (draw(2) == 0) world.make({Kind::drain});
  weights.fill(0);
  for (const Kind kind : {Kind::submit, Kind::start, Kind::finish, Kind::answer, Kind::late}) {
    weights[static_cast<std::size_t>(kind)] = 1;
  }
  world.make({Kind::join, 0, 1});
  for (int step = 0; step < 100000 && walk(world, weights); ++step)
    ASSERT_EQ(world.error(), "") << "step " << step;
  EXPECT_EQ(world.error(), "");
  EXPECT_TRUE(world.finished());
  EXPECT_EQ(world.delivered() + world.given_up(), 3000u);
}

INSTANTIATE_TEST_SUITE_P(seed, RandomWalk, testing::Range<std::uint64_t>(0, 32));

}  // namespace
}  // namespace acre::schedule

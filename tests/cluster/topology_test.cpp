#include <acre/cluster/topology.hpp>

#include <gtest/gtest.h>

namespace acre::cluster {
namespace {

using Ranks = std::vector<int>;
using Cpus = std::vector<int>;

RankCard card(const std::string& host, Cpus cpus = {0}) {
  return {host, "boot of " + host, "build", "class", "token", std::move(cpus)};
}

std::vector<Ranks> ranks_of(const std::vector<Node>& nodes) {
  std::vector<Ranks> ranks;
  for (const Node& node : nodes) ranks.push_back(node.ranks);
  return ranks;
}

std::vector<RankCard> on(const std::vector<std::string>& hosts) {
  std::vector<RankCard> cards;
  for (const std::string& host : hosts) cards.push_back(card(host));
  return cards;
}

TEST(GroupNodes, OneRankIsOneNode) {
  EXPECT_EQ(ranks_of(group_nodes(on({"a"}), {})), (std::vector<Ranks>{{0}}));
}

TEST(GroupNodes, RanksOfAMachineAreANode) {
  EXPECT_EQ(ranks_of(group_nodes(on({"a", "a", "b", "b", "b"}), {})),
            (std::vector<Ranks>{{0, 1}, {2, 3, 4}}));
}

TEST(GroupNodes, RanksDealtRoundRobinFindTheirMachine) {
  EXPECT_EQ(ranks_of(group_nodes(on({"a", "b", "c", "a", "b", "c"}), {})),
            (std::vector<Ranks>{{0, 3}, {1, 4}, {2, 5}}));
}

TEST(GroupNodes, TheRootsNodeIsFirst) {
  EXPECT_EQ(ranks_of(group_nodes(on({"z", "a", "z"}), {})), (std::vector<Ranks>{{0, 2}, {1}}));
}

TEST(GroupNodes, SameNameAfterAnotherBootIsAnotherMachine) {
  std::vector<RankCard> cards = on({"a", "a"});
  cards[1].boot_id = "another boot";
  EXPECT_EQ(ranks_of(group_nodes(cards, {})), (std::vector<Ranks>{{0}, {1}}));
}

TEST(GroupNodes, CpusOfANodeAreTheUnionOfItsRanksMasks) {
  const std::vector<RankCard> cards{card("a", {2, 3}), card("b", {7}), card("a", {0, 3, 9}), card("a", {})};
  const std::vector<Node> nodes = group_nodes(cards, {});
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].cpus, (Cpus{0, 2, 3, 9}));
  EXPECT_EQ(nodes[1].cpus, (Cpus{7}));
}

TEST(GroupNodes, RanksPerNodeSplitsEachMachine) {
  const auto cards = on({"a", "a", "a", "b", "a", "b"});
  EXPECT_EQ(ranks_of(group_nodes(cards, 1)), (std::vector<Ranks>{{0}, {1}, {2}, {3}, {4}, {5}}));
  EXPECT_EQ(ranks_of(group_nodes(cards, 2)), (std::vector<Ranks>{{0, 1}, {2, 4}, {3, 5}}));
  EXPECT_EQ(ranks_of(group_nodes(cards, 3)), (std::vector<Ranks>{{0, 1, 2}, {3, 5}, {4}}));
  EXPECT_EQ(ranks_of(group_nodes(cards, 100)), (std::vector<Ranks>{{0, 1, 2, 4}, {3, 5}}));
}

TEST(Topology, KnowsEachRanksNodeAndAgent) {
  Topology topology;
  topology.cards = on({"a", "b", "a", "b", "b"});
  topology.nodes = group_nodes(topology.cards, {});
  EXPECT_EQ(topology.agent_of(0), 0);
  EXPECT_EQ(topology.agent_of(2), 0);
  EXPECT_EQ(topology.agent_of(1), 1);
  EXPECT_EQ(topology.agent_of(4), 1);
  EXPECT_EQ(topology.node_of(3).ranks, (Ranks{1, 3, 4}));
}

TEST(FindMismatch, OneBuildIsAllRight) {
  EXPECT_EQ(find_mismatch(on({"a"})), std::nullopt);
  EXPECT_EQ(find_mismatch(on({"a", "b", "b"})), std::nullopt);
}

TEST(FindMismatch, NamesBothSidesOfDifferentBuilds) {
  std::vector<RankCard> cards = on({"a", "a", "b"});
  cards[2].build_id = "other";
  EXPECT_EQ(
      find_mismatch(cards),
      "the ranks of this job run different programs: rank 0 on a has build build, rank 2 on b has build "
      "other; start the same file on all of them");
}

TEST(FindMismatch, OtherHostsCpusAndClassesAreNone) {
  std::vector<RankCard> cards = on({"a", "b"});
  cards[1].cpus = {5};
  cards[1].numeric_class = "other";
  cards[1].token = "other";
  EXPECT_EQ(find_mismatch(cards), std::nullopt);
}

}  // namespace
}  // namespace acre::cluster

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <acre/cluster/topology.hpp>
#include <acre/wire/codec.hpp>

namespace acre::cluster {
namespace {
// What even a program of another acre understands: it comes before anything that may change with the version.
struct Greeting {
  std::array<char, 8> magic{'a', 'c', 'r', 'e', '-', 'm', 'p', 'i'};
  std::uint32_t protocol = 1;
  std::uint32_t card_size = 0;
};

std::string who(const std::vector<RankCard>& cards, std::size_t rank) {
  return "rank " + std::to_string(rank) + " on " + cards[rank].host;
}

std::vector<Greeting> greet(const Runtime& mpi, const Greeting& mine) {
  std::vector<Greeting> all(static_cast<std::size_t>(mpi.size()));
  check(MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all.data(), sizeof mine, MPI_BYTE, mpi.world()),
        "MPI_Allgather of greetings");
  for (const Greeting& greeting : all)
    if (greeting.magic != mine.magic || greeting.protocol != mine.protocol)
      throw Refused(
          "the ranks of this job were built with different versions of acre: run the same program "
          "everywhere");
  return all;
}

std::vector<RankCard> exchange(const Runtime& mpi, const RankCard& mine) {
  const Bytes card = wire::to_bytes(mine);
  const auto greetings = greet(mpi, {.card_size = static_cast<std::uint32_t>(card.size())});
  std::vector<int> sizes, offsets;
  int total = 0;
  for (const Greeting& greeting : greetings) {
    sizes.push_back(static_cast<int>(greeting.card_size));
    offsets.push_back(std::exchange(total, total + sizes.back()));
  }
  Bytes all(static_cast<std::size_t>(total));
  check(MPI_Allgatherv(card.data(), static_cast<int>(card.size()), MPI_BYTE, all.data(), sizes.data(),
                       offsets.data(), MPI_BYTE, mpi.world()),
        "MPI_Allgatherv of cards");
  wire::Reader reader(all);
  std::vector<RankCard> cards;
  for (std::size_t i = 0; i < sizes.size(); ++i) cards.push_back(wire::decode<RankCard>(reader));
  return cards;
}
}  // namespace

const Node& Topology::node_of(int which) const {
  return *std::find_if(nodes.begin(), nodes.end(), [&](const Node& node) {
    return std::find(node.ranks.begin(), node.ranks.end(), which) != node.ranks.end();
  });
}

std::optional<std::string> find_mismatch(const std::vector<RankCard>& cards) {
  for (std::size_t rank = 1; rank < cards.size(); ++rank)
    if (cards[rank].build_id != cards[0].build_id)
      return "the ranks of this job run different programs: " + who(cards, 0) + " has build " +
             cards[0].build_id + ", " + who(cards, rank) + " has build " + cards[rank].build_id +
             "; start the same file on all of them";
  return std::nullopt;
}

std::vector<Node> group_nodes(const std::vector<RankCard>& cards, std::optional<int> ranks_per_node) {
  std::map<std::pair<std::string, std::string>, std::size_t>
      open;  // the node that a machine's next rank joins
  std::vector<Node> nodes;
  for (std::size_t rank = 0; rank < cards.size(); ++rank) {
    const auto machine = std::pair(cards[rank].host, cards[rank].boot_id);
    auto at = open.find(machine);
    if (at != open.end() && ranks_per_node &&
        nodes[at->second].ranks.size() == static_cast<std::size_t>(*ranks_per_node))
      open.erase(at), at = open.end();
    if (at == open.end()) {
      at = open.emplace(machine, nodes.size()).first;
      nodes.emplace_back();
    }
    Node& node = nodes[at->second];
    node.ranks.push_back(static_cast<int>(rank));
    std::vector<int> cpus;
    std::set_union(node.cpus.begin(), node.cpus.end(), cards[rank].cpus.begin(), cards[rank].cpus.end(),
                   std::back_inserter(cpus));
    node.cpus = std::move(cpus);
  }
  return nodes;
}

Topology meet(const Runtime& mpi, const RankCard& mine, std::optional<int> ranks_per_node) {
  Topology topology;
  topology.rank = mpi.rank();
  topology.cards = exchange(mpi, mine);
  if (const auto mismatch = find_mismatch(topology.cards)) throw Refused(*mismatch);
  topology.nodes = group_nodes(topology.cards, ranks_per_node);
  return topology;
}

}  // namespace acre::cluster

// Who is where: the ranks of this job as nodes, and whether they all run the same program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <acre/base/error.hpp>
#include <acre/cluster/mpi.hpp>
#include <acre/wire/record.hpp>

namespace acre::cluster {

/// What each rank tells of itself at the start.
struct RankCard {
  std::string host, boot_id, build_id, numeric_class;
  std::string token;      ///< names its parking lot, should it be an agent
  std::vector<int> cpus;  ///< that its launcher bound it to
};

ACRE_RECORD(RankCard, host, boot_id, build_id, numeric_class, token, cpus)

/// One machine of the job, or what stands for one.
struct Node {
  std::vector<int> ranks;  ///< lowest first: that is its agent's
  std::vector<int> cpus;   ///< union of its ranks' masks
};

/// The job as this rank sees it; the same on every rank but for `rank`.
struct Topology {
  int rank = 0;
  std::vector<RankCard> cards;  ///< by rank
  std::vector<Node> nodes;      ///< the root's first

  const Node& node_of(int which) const;
  int agent_of(int which) const { return node_of(which).ranks.front(); }
};

/// What must be the same on all ranks: build of the program, and that it is acre of this protocol. Gives the
/// sentence that refuses the job, naming both sides, or nothing.
std::optional<std::string> find_mismatch(const std::vector<RankCard>& cards);

/// Groups ranks into nodes by machine; with `ranks_per_node`, each machine's ranks are split into groups of
/// that many.
std::vector<Node> group_nodes(const std::vector<RankCard>& cards, std::optional<int> ranks_per_node);

/// The job cannot run; thrown on all ranks alike, so that all can end MPI and the root alone needs to say
/// why.
class Refused : public Error {
 public:
  using Error::Error;
};

/// Exchanges cards and works out the topology. Collective over all ranks; blocks; throws Refused on a
/// mismatch.
Topology meet(const Runtime& mpi, const RankCard& mine, std::optional<int> ranks_per_node);

}  // namespace acre::cluster

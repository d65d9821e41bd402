// An agent that is not the root: takes tasks from the root and deals them to its node's workers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <acre/cluster/frames.hpp>
#include <acre/cluster/link.hpp>
#include <acre/launch/offer.hpp>
#include <acre/node/dealer.hpp>
#include <acre/node/pool.hpp>

namespace acre::cluster {

/// What an agent offers.
struct AgentOptions {
  int root = 0;
  std::int32_t rank = 0;
  std::string host;
  launch::Offer offer;    ///< to executors that leave their workers open
  std::vector<int> cpus;  ///< of this node, for its workers
};

/// One executor's share on this node.
class AgentExecutor;

/// The agent's loop. One thread.
class Agent {
 public:
  Agent(Link& link, node::Zygote& zygote, AgentOptions options);
  ~Agent();

  /// Serves the root until it says that the run is over. `extra` are descriptors to watch, `look` is called
  /// soon after one is readable and returns true to ask the root for a drain. Blocks; throws acre::Error.
  void serve(const std::vector<int>& extra, const std::function<bool()>& look);

 private:
  bool round(const std::function<bool()>& look);
  void sleep(const std::vector<int>& extra);
  bool handle(const Frame& frame);
  int workers_of(const Open& open) const;

  Link& link_;
  node::Zygote& zygote_;
  AgentOptions options_;
  std::map<std::uint32_t, std::unique_ptr<AgentExecutor>> executors_;  ///< by channel
  bool finished_ = false;
  Instant last_activity_, next_look_;
};

}  // namespace acre::cluster

// The house: the parts of a run on its root, put together.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <acre/executor/engine.hpp>
#include <acre/launch/offer.hpp>
#include <acre/node/pool.hpp>
#include <acre/node/zygote.hpp>
#include <acre/session/session.hpp>
#include <acre/session/watch.hpp>

namespace acre::session {

/// What the root knows of this run.
struct Plan {
  std::vector<std::string> arguments;  ///< argv
  std::string launcher = "plain";
  std::string job_id, restart_count;
  std::vector<std::string> hosts;  ///< by rank
  int nodes = 1;
  launch::Offer offer;                          ///< of this node, to executors that leave it open
  std::vector<int> cpus;                        ///< of this node, for its workers
  std::string event_log;                        ///< folder for event logs; empty: none
  std::optional<std::int64_t> job_end_wall_ns;  ///< when the batch job ends, if that is known
  std::vector<int> drain_descriptors;  ///< readable when another rank of this node was told to end the run
};

/// Makes the groups of members of other nodes for an executor; none without MPI.
using RemoteGroups = std::function<std::vector<std::unique_ptr<node::MemberGroup>>(
    const node::PoolSetup& setup, const ExecutorOptions& options, const executor::EngineOptions& made)>;

/// Owns what executors are made of; the only place that names concrete parts. Any thread.
class House {
 public:
  House(node::Zygote& zygote, Plan plan, RemoteGroups remote);
  /// Shuts down what the program left open.
  ~House();

  std::shared_ptr<executor::Engine> open(const ExecutorOptions& options);
  const Plan& plan() const noexcept { return plan_; }
  Watch& watch() noexcept { return watch_; }
  /// Were tasks not started because the job ends too soon for them?
  bool out_of_time();

 private:
  int workers_here(const ExecutorOptions& options) const;
  node::PoolSetup setup_of(const ExecutorOptions& options) const;
  void drain();
  node::Zygote& zygote_;
  Plan plan_;
  RemoteGroups remote_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<executor::Engine>> engines_;
  std::uint32_t executors_ = 0;  ///< made so far
  bool draining_ = false;
  std::optional<Instant> deadline_;  ///< for tasks to end by
  Watch watch_;
};

}  // namespace acre::session

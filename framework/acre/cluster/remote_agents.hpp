// The agents of other nodes as members of one executor, seen from the root.
#pragma once

#include <functional>
#include <vector>

#include <acre/cluster/batches.hpp>
#include <acre/cluster/frames.hpp>
#include <acre/cluster/link.hpp>
#include <acre/node/member_group.hpp>

namespace acre::cluster {

/// Deals to agents over the link, in batches: one frame per agent and flush.
class RemoteAgents final : public node::MemberGroup {
 public:
  /// Asks each agent to open the executor. `on_drain` is called in poll() when an agent asks for a drain.
  /// Does not block.
  RemoteAgents(Link& link, const std::vector<int>& agents, const Open& open, std::function<void()> on_drain);

  void dispatch(MemberId member, const node::Deal& deal, const node::TaskRequest& request) override;
  void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) override;
  void resize(std::uint32_t workers) override;
  void kill(MemberId) override {}  // only workers are killed
  void watch_starts() override {}  // agents watch their workers by their own schedulers
  void abandon() override {}
  void share(const task::SharedHandle& value) override;
  void unshare(std::uint64_t id) override;
  void request_stop() override;
  bool heeds_stop() const override { return false; }  // agents wait for their own
  void flush() override;
  void hint() override;
  bool poll(node::MemberEvents& events) override;
  bool prepare_sleep(const node::SleepPlan& plan) override;
  void add_descriptors(std::vector<pollfd>&) const override {}
  Duration longest_sleep() const override { return nap_; }
  bool all_ready() const override;
  void close() override;
  bool closed() const override;

 private:
  struct Agent {
    int rank = 0;
    bool joined = false, all_ready = false, closed = false;
    MemberId member{};
    std::uint32_t workers = 0;
    std::uint64_t under_way = 0;  ///< tasks dealt and not ended
    TaskBatch tasks;
    std::vector<RecallOrder> recalls;
  };
  Agent& agent_of(MemberId member);
  void handle(const Frame& frame, node::MemberEvents& events);
  void join(Agent& agent, const WorkersReport& report, node::MemberEvents& events);
  void told_values(Agent& agent, const ValueBatch& batch, node::MemberEvents& events);
  void send(const Agent& agent, FrameKind kind, Bytes payload);

  Link& link_;
  std::uint32_t channel_;
  std::vector<Agent> agents_;
  std::function<void()> on_drain_;
  std::vector<std::uint32_t> by_member_;  ///< which agent a member is
  bool worth_sending_ = false;            ///< has an agent so many tasks queued that they should go?
  task::Values values_;                   ///< keeps its memory
  Duration nap_{};                        ///< until MPI is to be looked at again
  bool closing_ = false;
};

/// Tells all agents that the run is over and waits until each has said good-bye, so that nothing is under way
/// when MPI ends. On the root; blocks.
void finish_agents(Link& link, const std::vector<int>& agents);

}  // namespace acre::cluster

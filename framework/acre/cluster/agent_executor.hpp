// One executor's share on an agent's node: tasks from the root, dealt to local workers, results in batches.
#pragma once

#include <memory>
#include <vector>

#include <acre/cluster/agent.hpp>
#include <acre/cluster/batches.hpp>

namespace acre::cluster {

/// One thread; nothing blocks.
class AgentExecutor {
 public:
  AgentExecutor(Link& link, const AgentOptions& here, const Open& open);

  /// Forks the workers through the zygote; if that cannot be, the executor is broken. Does not throw.
  void start(node::Zygote& zygote, std::uint32_t workers, node::PoolSetup setup) noexcept;
  /// Handles what the root has sent and what workers have done; true if anything had happened.
  bool round();
  bool prepare_sleep(std::vector<pollfd>& descriptors, Duration& longest);
  /// Whether a worker has nothing to do.
  bool idle() const;
  /// Whether the root has closed it and the workers are gone.
  bool closed() const noexcept { return closed_; }
  void ended(ChunkId chunk, std::uint32_t place, task::Outcome&& outcome);
  void returned(ChunkId chunk, std::uint32_t first, const task::Values& values, std::uint32_t from,
                std::uint32_t count);

 private:
  struct Range {
    ChunkId chunk{};          ///< the root's
    std::uint32_t left = 0;   ///< tasks that have not ended
    std::uint32_t first = 0;  ///< its first task's place in the root's range …
    TaskId at_root{};         ///< … which is this
    TaskId task{};
  };
  void handle(const Frame& frame);
  void submit(TaskBatch batch);
  void recall(const std::vector<RecallOrder>& orders);
  void resize(std::uint32_t workers);
  void share(ByteView order);
  void close();
  void drop_if_late();
  bool progress();
  void fail(const std::string& words);
  void report();
  Range* find(ChunkId chunk);
  void send(FrameKind kind, Bytes payload);

  Link& link_;
  const AgentOptions& here_;
  std::uint32_t channel_;
  std::string log_failure_;  ///< why the event log cannot be written
  node::Dealer dealer_;
  std::vector<Range> ranges_;  ///< by the slot of the root's ChunkId
  ValueBatch values_;
  std::vector<TaskResult> results_;
  std::vector<RecallAnswer> answers_;
  std::vector<ChunkId> kept_;  ///< whose recall is to be answered so
  WorkersReport reported_workers_;
  Duration grace_;                      ///< for tasks that ask whether to stop
  Instant drop_at_ = Instant::never();  ///< the groups, at the latest
  bool reported_broken_ = false, closing_ = false, closed_ = false;
};

}  // namespace acre::cluster

// The workers of one executor on this node, and their supervision.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <acre/node/placement.hpp>
#include <acre/node/pool_worker.hpp>
#include <acre/node/zygote.hpp>

namespace acre::node {

/// The most workers that an executor can have on a node.
inline constexpr int most_workers = 4096;

/// What a pool is made with.
struct PoolOptions {
  std::uint32_t workers = 1;
  std::int32_t rank = 0;  ///< of this agent, for failures and records
  std::string host;       ///< of this agent, for messages
  /// Not 0: tasks of threads, and of the caller's own, are to return soon.
  std::shared_ptr<std::atomic<std::uint32_t>> stop = std::make_shared<std::atomic<std::uint32_t>>(0);
  PoolSetup setup;
};

/// Forks workers through the zygote, moves tasks and outcomes, and replaces workers that die.
///
/// Design: a spare worker, ready and idle, takes the place of a dead one at once; a task costs its worker's
/// death one attempt only if that worker had claimed it (its claim word is read after the death). Whether
/// workers die too often to be replaced is the scheduler's to say.
class Pool final : public MemberGroup {
 public:
  /// Throws acre::Error if the zygote is gone.
  Pool(Zygote& zygote, PoolOptions options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() override;

  void dispatch(MemberId member, const Deal& deal, const TaskRequest& request) override;
  void recall(MemberId member, ChunkId chunk, std::uint32_t count, bool unwanted) override;
  void resize(std::uint32_t workers) override;
  void kill(MemberId member) override;
  void watch_starts() override { watching_starts_ = true; }
  void abandon() override;
  void share(const task::SharedHandle& value) override;
  void unshare(std::uint64_t id) override;
  void request_stop() override;
  bool heeds_stop() const override;
  void flush() override;
  void hint() override;
  bool poll(MemberEvents& events) override;
  bool prepare_sleep(const SleepPlan& plan) override;
  void add_descriptors(std::vector<pollfd>& descriptors) const override;
  Duration longest_sleep() const override { return std::chrono::milliseconds(50); }
  void close() override;
  bool all_ready() const override;
  bool closed() const override { return closing_ && !line_.socket; }

 private:
  using Place = std::unique_ptr<PoolWorker>;
  /// Values of tasks in a row of one chunk that one worker has returned.
  struct InARow {
    ChunkId chunk{};
    std::uint32_t first = 0;
    task::Values values;
  };
  struct Answer {
    ChunkId chunk;
    PoolWorker::TakenBack back;
  };

  void start_zygote();
  void start_worker();
  void start_missing_workers();
  void retire_surplus();
  void place_workers();
  void watch(int descriptor, std::uint32_t how);
  bool look(MemberEvents& events);
  void drop_line();
  void look_for_hangs(Instant at);
  PoolWorker* worker_of(MemberId member);
  bool read_reports(MemberEvents& events);
  void handle(const ZygoteReport& report, const std::string& words, MemberEvents& events);
  void zygote_gone(MemberEvents& events);
  bool read_worker(PoolWorker& worker, MemberEvents& events);
  void handle(PoolWorker& worker, channel::OwnedMessage& message, MemberEvents& events);
  std::uint32_t take_values(PoolWorker& worker, MemberEvents& events);
  void outcome(PoolWorker& worker, channel::OwnedMessage& message, MemberEvents& events);
  task::Values& values_before(const PoolWorker& worker, const PoolWorker::Answered& next,
                              MemberEvents& events);
  void pass_values_on(MemberEvents& events);
  void ready(PoolWorker& worker, MemberEvents& events);
  void leaving(PoolWorker& worker, ByteView payload, MemberEvents& events);
  void worker_ended(const ZygoteReport& report, MemberEvents& events);
  void fill_places(MemberEvents& events);
  void pin(const PoolWorker& worker) const;
  std::string here() const;
  void give_up(const std::string& words, MemberEvents& events);
  void tell_members(const std::function<void(PoolWorker&)>& tell);
  void share_all(PoolWorker& worker);
  void distrust(PoolWorker& worker, const std::exception& violation);
  void condemn(PoolWorker& worker, std::string verdict);
  void request(ZygoteRequest::Kind kind, const PoolWorker& worker) const;
  void lose(PoolWorker& worker, Loss loss, MemberEvents& events);

  Zygote& zygote_;
  PoolOptions options_;
  std::vector<std::vector<int>> places_;  ///< CPUs of each place
  PoolLine line_;
  channel::EventBell bell_;
  /// Readable when the bell was rung, a process has written to stderr, or the zygote has something to tell.
  channel::Descriptor watched_;
  std::vector<Place> workers_;               ///< all processes that are alive as far as is known
  std::vector<std::uint32_t> free_numbers_;  ///< places without a worker
  std::vector<PoolWorker*> by_member_;       ///< the worker of each member id; null if it is not ours
  std::vector<MemberId> unflushed_;          ///< members with something to be moved or woken for
  std::vector<Answer> answers_;
  channel::OwnedMessage arrived_;
  InARow values_;                           ///< to be passed on
  std::vector<task::SharedHandle> shared_;  ///< what every worker has
  std::uint32_t next_process_ = 0;
  int zygote_deaths_ = 0;
  bool closing_ = false, broken_ = false, watching_starts_ = false, stop_requested_ = false;
  bool preloaded_ = false, replacement_told_ = false;
  Instant next_look_{}, next_hang_look_{};
};

}  // namespace acre::node

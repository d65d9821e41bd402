// One worker process as its agent sees it: its channel and what was dealt to it.
#pragma once

#include <deque>
#include <optional>

#include <acre/base/ids.hpp>
#include <acre/channel/worker_channel.hpp>
#include <acre/node/last_words.hpp>
#include <acre/node/member_group.hpp>
#include <acre/node/protocol.hpp>

namespace acre::node {

/// The agent's side of one worker. What comes from the worker is untrusted: methods throw channel::Violation.
class PoolWorker {
 public:
  enum class State { starting, spare, member, leaving, stopping };

  explicit PoolWorker(std::uint32_t process) : process_(process) {}

  std::uint32_t process() const noexcept { return process_; }
  channel::AgentEnd& channel() noexcept { return channel_; }
  LastWords& words() noexcept { return words_; }

  /// One task of a chunk, by its place in it.
  struct Part {
    ChunkId chunk;
    std::uint32_t place = 0;
  };
  /// Queues a task; it waits here while the ring is full.
  void dispatch(Part part, const task::TaskHead& head, ByteView arguments);
  /// Gives the tasks dealt after it a shared value, or takes it from them.
  void share(const task::SharedHandle& value);
  void unshare(std::uint64_t id);
  /// Takes up to `count` unstarted tasks of a chunk back, the last ones.
  struct TakenBack {
    std::uint32_t first = 0, count = 0;
    bool all = false;  ///< whether nothing of the chunk is left here
  };
  TakenBack recall(ChunkId chunk, std::uint32_t count);
  /// Asks the worker to leave once it has done what it was dealt; false if there is no room to ask.
  bool stop();
  /// Asks the worker, which is a member, to leave before its next task.
  void retire();
  /// Whether it runs a task that has asked whether to stop.
  bool heeds_stop() const { return trusted && channel_.heeds_stop() && running(); }
  /// Moves what waits into the ring and wakes the worker if anything moved; true if nothing is left waiting.
  bool flush();

  /// The task an arrived outcome belongs to; nothing if it belongs to none. Tasks before it are forgotten.
  struct Dealt {
    Part part;
    std::uint32_t attempt;
    channel::RingProducer::Ticket ticket;
  };
  std::optional<Dealt> take(std::uint64_t sequence);
  /// The chunk of the task that the worker has claimed and not answered, as far as its outcomes were read.
  std::optional<ChunkId> running() const;
  /// The same if it was not told before.
  std::optional<ChunkId> newly_running();
  /// What it did when it was last seen, in words that follow how it ended: " while it ran the task".
  std::string deed() const;
  /// Whether it has had tasks for `limit` and took up none.
  bool looks_hung(Instant at, Duration limit);
  std::size_t load() const noexcept { return dealt_.size() + outbox_.size(); }

  /// Asks for a ring according to the plan; false if there is something to read already.
  bool prepare_sleep(const SleepPlan& plan);

  State state = State::starting;
  MemberId member{};         ///< valid while state is member
  std::uint32_t number = 0;  ///< place among the pool's workers, while state is member
  pid_t pid = -1;
  bool unflushed = false;  ///< whether its pool has it on the list of those to be flushed
  bool surplus = false;    ///< asked to leave for good
  bool trusted = true;     ///< false once it broke the protocol: it is being killed
  std::string verdict;     ///< why its pool has it killed, in words that follow "its worker"

 private:
  struct Waiting {
    Part part;
    task::TaskHead head;
    Bytes arguments;
    task::SharedHandle shared = {};              ///< this is no task, but a value to be shared
    std::optional<std::uint64_t> unshared = {};  ///< or the id of one that is not shared any more

    bool is_task() const { return shared == nullptr && !unshared; }
  };
  bool send(const Waiting& what);
  bool send(Part part, const task::TaskHead& head, ByteView arguments);

  std::uint32_t process_;
  channel::AgentEnd channel_;
  LastWords words_;
  std::deque<Dealt> dealt_;     ///< in the ring or running, oldest first
  std::deque<Waiting> outbox_;  ///< not in the ring yet
  bool unwoken_ = false;
  std::optional<ChunkId> told_;  ///< what newly_running() told last
  std::uint32_t beat_ = 0;       ///< when it was last seen to take up something
  Instant beaten_at_ = Instant::never();
};

}  // namespace acre::node

// One worker process as its agent sees it: its channel and what was dealt to it.
#pragma once

#include <deque>
#include <optional>

#include <acre/base/ids.hpp>
#include <acre/channel/worker_channel.hpp>
#include <acre/node/last_words.hpp>
#include <acre/node/pack.hpp>
#include <acre/node/protocol.hpp>
#include <acre/task/values.hpp>

namespace acre::node {

/// The agent's side of one worker. What comes from the worker is untrusted: methods throw channel::Violation.
class PoolWorker {
 public:
  enum class State { starting, spare, member, leaving, stopping };

  explicit PoolWorker(std::uint32_t process) : process_(process) {}

  std::uint32_t process() const noexcept { return process_; }
  channel::AgentEnd& channel() noexcept { return channel_; }
  LastWords& words() noexcept { return words_; }

  /// Queues tasks; they wait here while the ring is full.
  void dispatch(const Deal& deal, const TaskRequest& request);
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

  /// A task by its place in its chunk.
  struct Answered {
    ChunkId chunk;
    std::uint32_t place, attempt;
  };
  /// The task whose outcome comes next, if it has any.
  std::optional<Answered> next() const;
  /// The same, which has ended at this progress, when that ran; nothing if that is not where it is.
  std::optional<Answered> take(std::uint64_t progress, const task::ValueMark& mark);
  /// Adds the values that come next of this task and of those that were dealt with it, in order, to `values`;
  /// returns how many.
  std::uint32_t take_values(task::Values& values);
  /// The chunk of the task that the worker has claimed and not answered, as far as its outcomes were read.
  std::optional<ChunkId> running() const;
  /// The same if it was not told before.
  std::optional<ChunkId> newly_running();
  /// What it did when it was last seen, in words that follow how it ended: " while it ran the task".
  std::string deed() const;
  /// Whether it has had tasks for `limit` and took up none.
  bool looks_hung(Instant at, Duration limit);
  /// Whether it had nothing to do when it got what was not flushed yet.
  bool had_nothing() const noexcept { return had_nothing_; }

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
    Pack pack;
    Bytes arguments;
    task::SharedHandle shared = {};              ///< this is no task, but a value to be shared
    std::optional<std::uint64_t> unshared = {};  ///< or the id of one that is not shared any more

    bool is_of(ChunkId chunk) const { return is_task() && pack.chunk == chunk; }
    bool is_task() const { return shared == nullptr && !unshared; }
  };
  struct Dealt {
    ChunkId chunk;
    std::uint32_t place, attempt;  ///< of the first task, in its chunk
    channel::RingProducer::Ticket ticket;
    channel::Block block;  ///< that the worker reads the arguments in
    std::uint32_t answered = 0;

    std::uint32_t left() const noexcept { return ticket.items - answered; }
    std::uint64_t next_progress() const noexcept {
      return channel::progress_at(ticket.sequence, answered + 1);
    }
    bool is_of(ChunkId other) const { return chunk == other; }
  };
  bool send(const Waiting& what);
  bool send(const Pack& pack, ByteView arguments, const channel::Block& block);
  void recall_waiting(ChunkId chunk, std::uint32_t count, TakenBack& back);
  void recall_dealt(ChunkId chunk, std::uint32_t count, TakenBack& back);
  std::uint64_t progress_after(std::uint64_t answers) const;
  std::optional<std::uint64_t> answers_until(const schedule::Whereabouts& task) const;

  std::uint32_t process_;
  channel::AgentEnd channel_;
  LastWords words_;
  Pack pack_;                   ///< being made
  Bytes front_;                 ///< of a message
  std::deque<Dealt> dealt_;     ///< in the ring or running, oldest first
  std::deque<Waiting> outbox_;  ///< not in the ring yet
  bool unwoken_ = false, had_nothing_ = false;
  std::uint64_t ended_ns_ = 0;   ///< when the task answered last had ended, as it says
  std::optional<ChunkId> told_;  ///< what newly_running() told last
  std::uint32_t beat_ = 0;       ///< when it was last seen to take up something
  Instant beaten_at_ = Instant::never();
};

}  // namespace acre::node

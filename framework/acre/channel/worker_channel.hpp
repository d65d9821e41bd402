// The two ends of the channel between an agent and one worker: tasks down, results up, large payloads as
// blobs.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include <acre/channel/block.hpp>
#include <acre/channel/doorbell.hpp>
#include <acre/channel/memory.hpp>
#include <acre/channel/ring.hpp>

namespace acre::channel {

/// Bytes of each of the two rings; a message longer than blob_threshold travels as a blob beside its ring.
inline constexpr std::size_t ring_capacity = std::size_t{128} * 1024;
inline constexpr std::size_t blob_threshold = std::size_t{32} * 1024;

/// Why a worker is asked to leave between two messages.
enum class Leave : std::uint32_t { no, large, surplus };

/// The first page that both ends map.
struct ControlPage {
  RingIndices down, up;
  alignas(64) Doorbell worker;                     ///< the worker sleeps here for tasks
  alignas(64) Doorbell space;                      ///< the worker sleeps here for room in the upward ring
  alignas(64) std::atomic<std::uint64_t> ring_at;  ///< ring the agent once it is so far; never if max
  std::atomic<std::uint32_t> leave;                ///< a Leave; large: if you still hold too much
  std::atomic<std::uint32_t> stop;                 ///< not 0: tasks that look are to return soon
  std::atomic<std::int32_t> number;                ///< place of the worker among those of its node
  alignas(64) std::atomic<std::uint32_t> stage;    ///< what the worker does, for the account of its death
  std::atomic<std::uint32_t> heeds;                ///< not 0: it runs a task that has asked for `stop`
  std::atomic<std::uint32_t>
      beat;  ///< raised by the worker with each message, and part of a large one, that it takes up
  alignas(64) std::array<std::atomic<std::uint64_t>, Loan::most> returned;  ///< tokens, by number of the loan
};

/// How far a worker is, in one number that grows: `done` items of message number `sequence`.
constexpr std::uint64_t progress_at(std::uint64_t sequence, std::uint32_t done) noexcept {
  return sequence << 16 | done;
}

/// A descriptor of this channel is gone, as something in this process closed it.
class ChannelGone : public Error {
 public:
  using Error::Error;
};

/// Where the body of a large message is in the memory whose descriptor is sent with this.
struct LargePlace {
  std::uint64_t offset, size;
  Loan loan = {};  ///< of the block that this is, if the reader shall give it back
};

/// A message that was received. Of a large one head and body come apart.
struct OwnedMessage {
  std::uint32_t kind = 0;
  std::uint64_t mark = 0;  ///< what its writer has put beside it; of those to a worker none
  bool is_large = false;
  Bytes payload;             ///< head and body, or the head of a large one
  Bytes large = {};          ///< its body …
  Block block = {};          ///< … if that was not left where the sender has put it,
  ByteView in_block = {};    ///< namely here
  Descriptor attached = {};  ///< what came with it; mostly nothing

  /// What comes after the first `head` bytes; no less must be there.
  ByteView behind(std::size_t head) const {
    if (!is_large) return ByteView(payload).subspan(head);
    return block ? in_block : ByteView(large);
  }
};

/// The agent's end. Treats all that comes from the worker as untrusted: throws Violation. One thread at a
/// time.
class AgentEnd {
 public:
  static constexpr std::uint64_t never = UINT64_MAX;

  /// Makes the shared memory and the socket. Throws acre::Error.
  AgentEnd();

  /// The descriptors that the worker needs, in the order that WorkerEnd takes them.
  int memory() const noexcept { return memory_.get(); }
  int worker_socket() const noexcept { return theirs_.get(); }
  /// Drops the worker's descriptors once they were sent.
  void sent() noexcept;

  /// Publishes a message of so many items unless there is no room now. The body of a large one is read where
  /// it is if that is in `block`, which the caller keeps until all is answered. Does not block or wake.
  std::optional<RingProducer::Ticket> write(std::uint32_t kind, ByteView head, ByteView body,
                                            std::uint32_t items = 1, const Block& block = {});
  /// The same for a message that brings a descriptor with it.
  std::optional<RingProducer::Ticket> write_attached(std::uint32_t kind, ByteView payload, int descriptor);
  /// Wakes the worker if it sleeps.
  void wake() noexcept { page_->worker.ring(); }
  /// Wakes the worker wherever it sleeps, whatever the shared page says: a task may have written there.
  void wake_anyway() noexcept {
    page_->worker.wake();
    page_->space.wake();
  }
  std::uint32_t recall(RingProducer::Ticket& ticket, std::uint32_t count) {
    return down_.recall(ticket, count);
  }
  std::uint32_t begun(const RingProducer::Ticket& ticket) const { return down_.begun(ticket); }

  /// The next message from the worker, copied out of shared memory into `message`, whose payload's memory is
  /// used again; false if there is none. A long body stays where the worker has put it, which no later task
  /// of its can change: `large` is only to be read then. Does not block. Once it has read all it wants, the
  /// caller says so.
  bool read(OwnedMessage& message);
  /// Passes the payloads of messages of this kind, which are no blobs, and their marks to `take` while such
  /// ones come next and it returns true. They lie in shared memory, where they may change meanwhile.
  template <class Take>
  void read_while(std::uint32_t kind, Take take) {
    up_.take_while([&](const RingConsumer::Message& message) {
      return message.kind == kind && take(message.mark, message.payload);
    });
  }
  void have_read() noexcept { page_->space.ring(); }
  /// Whether read() has something. Does not block.
  bool readable() { return up_.available(); }
  /// Asks the worker to ring the agent's bell once its progress_at() is so far (or AgentEnd::never).
  void ring_at(std::uint64_t progress) noexcept { page_->ring_at.store(progress, std::memory_order_seq_cst); }
  /// Tells the worker its number, and to leave between two messages; `large` does not replace `surplus`.
  void set_number(std::int32_t number) noexcept { page_->number.store(number, std::memory_order_relaxed); }
  void ask_to_leave(Leave why) noexcept;
  /// Lets tasks know that they are to return soon, and whether one runs that has looked; untrusted.
  void request_stop() noexcept { page_->stop.store(1, std::memory_order_relaxed); }
  bool heeds_stop() const noexcept { return page_->heeds.load(std::memory_order_relaxed) != 0; }
  /// What the worker says it does, and a count that rises while it takes up messages; untrusted.
  std::uint32_t stage() const noexcept { return page_->stage.load(std::memory_order_relaxed); }
  std::uint32_t beat() const noexcept { return page_->beat.load(std::memory_order_relaxed); }
  /// Drops memory of the worker's that was kept for its next large message, and not used since the last call.
  void tidy() noexcept {
    if (theirs_mapped_.has_loans()) give_back();
    theirs_mapped_.tidy();
  }

 private:
  void read_large(OwnedMessage& message);
  void give_back();
  Descriptor memory_, ours_, theirs_;
  Mapping control_, down_ring_, up_ring_;
  ControlPage* page_;
  RingProducer down_;
  RingConsumer up_;
  BlockReader theirs_mapped_;
};

/// The worker's end. One thread. A process forked from the worker does not have its memory.
class WorkerEnd {
 public:
  WorkerEnd(Descriptor memory, Descriptor socket, Descriptor agent_bell);

  /// Waits for the next message of which not all was recalled and begins its first item. It is valid until
  /// release(). Blocks; throws acre::Error, ChannelGone before it begins one that it could not receive.
  const OwnedMessage& claim_next();
  /// Begins the next item of that message, if one is left. Of items that take no time it is cheaper to claim
  /// some `ahead`, which the agent cannot take back any more: they are begun by the next calls.
  bool claim_item(std::uint32_t ahead = 0) {
    if (!has_claimed() && !claim_more(ahead)) return false;
    ++begun_;
    return true;
  }
  /// Whether items are claimed that were not begun.
  bool has_claimed() const noexcept { return begun_ < claimed_; }
  /// Before a task runs, which could write anywhere: what the agent reads from here is protected. Throws
  /// acre::Error.
  void protect_lent() {
    if (!lent_.empty()) protect_all_lent();
  }
  /// Items of that message that were begun.
  std::uint32_t begun() const noexcept { return begun_; }
  /// Gives back the space of the message last claimed; call it after its last answer was written.
  void release() noexcept {
    down_.release();
    if (message_.is_large) message_ = {};
  }
  /// Publishes a message; true if that took its time: it had to wait for room, or it is large. The body of a
  /// large one is read where it is if that is in `block`, which is kept until then.
  bool write(std::uint32_t kind, ByteView head, ByteView body, std::uint64_t mark = 0,
             const Block& block = {}) {
    const std::size_t length = head.size() + body.size();
    if (length > blob_threshold || !up_.fits(length)) return write_slowly(kind, head, body, mark, block);
    up_.put(kind, mark, head, body);
    return false;
  }
  /// Rings the agent if it asked to be told by now, and says so; unless `surely`, what it has asked in this
  /// very moment may be seen at the next call only. Throws ChannelGone, once all that was claimed is begun.
  bool ring_if_asked(bool surely = true) {
    if (surely) std::atomic_thread_fence(std::memory_order_seq_cst);
    const bool asked = page_->ring_at.load(std::memory_order_relaxed) <= progress_at(sequence_, begun_);
    if (asked || bell_gone_) ring_as_asked(asked);
    return asked;
  }
  /// Rings the agent. Throws ChannelGone.
  void ring();
  /// The number of the message last claimed.
  std::uint64_t sequence() const noexcept { return sequence_; }
  /// Where this process says what it does.
  std::atomic<std::uint32_t>& stage() noexcept { return page_->stage; }
  /// What the agent says about stopping, and where this process says that its task looks at it.
  const std::atomic<std::uint32_t>& stop() const noexcept { return page_->stop; }
  std::atomic<std::uint32_t>& heeds() noexcept { return page_->heeds; }
  /// In a process forked from the worker: stage() may be written again, and nobody reads it.
  void cut_off() const noexcept { control_.make_private(); }
  /// What the agent says: see ControlPage. Answering a request to leave takes it back.
  std::int32_t number() const noexcept { return page_->number.load(std::memory_order_relaxed); }
  Leave asked_to_leave() const noexcept {
    return static_cast<Leave>(page_->leave.load(std::memory_order_relaxed));
  }
  void stay() noexcept;
  /// Calls this, perhaps more than once, when no large message has come for a while and nothing is kept any
  /// more for them but what the agent has not read.
  void on_rest(std::function<void()> call) { on_rest_ = std::move(call); }
  /// Drops what is kept for them now.
  void drop_kept() {
    tidy();
    tidy();
  }
  /// Whether anything is kept for them, as far as was looked.
  bool keeps() const noexcept { return keeps_; }

 private:
  void wait_for_message();
  void wait_and_tidy();
  struct Lent {
    std::uint64_t position;  ///< of the message that tells of it
    Block block;
    Loan loan;
    bool read_only = false;
  };
  bool claim_more(std::uint32_t ahead);
  bool write_slowly(std::uint32_t kind, ByteView head, ByteView body, std::uint64_t mark, const Block& block);
  void ring_as_asked(bool asked);
  void receive_beside(std::uint32_t how, bool ours);
  Loan next_loan();
  void protect_all_lent();
  void take_back();
  void tidy();
  void beat() noexcept;
  Descriptor socket_;
  EventBell agent_bell_;
  Mapping control_, down_ring_, up_ring_;
  ControlPage* page_;
  RingConsumer down_;
  RingProducer up_;
  OwnedMessage message_;
  BlockReader theirs_mapped_;
  std::function<void()> on_rest_;
  std::vector<Lent> lent_;  ///< what the agent may not have read yet
  std::uint64_t loans_ = 0;
  std::uint32_t since_tidy_ = 0;  ///< messages
  std::uint64_t sequence_ = 0;
  std::uint32_t begun_ = 0, claimed_ = 0;  ///< items of the message last claimed
  bool keeps_ = false;                     ///< blocks, perhaps
  bool bell_gone_ = false;
  bool soon_ = false;  ///< did the last message that was waited for come soon?
};

}  // namespace acre::channel

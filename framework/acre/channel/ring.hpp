// A single-producer single-consumer ring of messages in shared memory. A message carries one item or many,
// which are begun one by one, and its claim word says how far that is; or a mark that its writer gives it.
//
// Either side may be hostile or dead: what is read from the shared pages is read once, checked against
// private copies, and a broken promise throws Violation, so that the reader can drop that peer and go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <optional>

#include <acre/base/check.hpp>
#include <acre/base/copy_bytes.hpp>
#include <acre/base/error.hpp>

namespace acre::channel {

/// The peer wrote something into shared memory that no correct peer writes.
class Violation : public Error {
 public:
  using Error::Error;
};

/// What the two sides share beside the bytes; producer's and consumer's words on cache lines of their own.
struct RingIndices {
  alignas(64) std::atomic<std::uint64_t> tail;  ///< bytes ever written
  alignas(64) std::atomic<std::uint64_t> head;  ///< bytes ever released
};

/// What a claim word holds: each item of a message is either begun by the consumer, in order, or taken back
/// by the producer, the last ones first, decided by compare-and-swap.
struct Claims {
  std::uint32_t sequence = 0;  ///< low bits of the message's number
  std::uint16_t begun = 0;     ///< items that were begun
  std::uint16_t items = 0;     ///< items that are left: all but those taken back

  static Claims of(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint16_t>(word >> 16),
            static_cast<std::uint16_t>(word)};
  }
  std::uint64_t word() const noexcept {
    return std::uint64_t{sequence} << 32 | std::uint64_t{begun} << 16 | items;
  }
};
inline constexpr std::uint32_t most_items = 0xffff;

struct MessageHeader {
  std::atomic<std::uint64_t> claim;  ///< a Claims word, or the mark of a message that nobody claims
  std::uint32_t length;
  std::uint32_t kind;
};
inline constexpr std::size_t message_alignment = 8;
static_assert(sizeof(MessageHeader) % message_alignment == 0);

/// Bytes a message of `length` takes in a ring.
constexpr std::uint64_t ring_space(std::size_t length) {
  return (sizeof(MessageHeader) + length + message_alignment - 1) / message_alignment * message_alignment;
}

/// The writing end. One thread of one process. `ring` is mapped twice in a row (Mapping::twice); its capacity
/// is a power of two.
class RingProducer {
 public:
  /// Where a message went: enough to recall its items or to look at its claims.
  struct Ticket {
    std::uint64_t sequence = 0, position = 0;
    std::uint32_t items = 1;  ///< that were not taken back
  };

  RingProducer() = default;
  RingProducer(RingIndices* indices, std::byte* ring, std::uint64_t capacity) noexcept
      : indices_(indices), ring_(ring), capacity_(capacity) {}

  /// Whether a message of `length` bytes can be written now. Throws Violation.
  bool fits(std::size_t length) {
    return tail_ + ring_space(length) - head_ <= capacity_ || fits_by_now(length);
  }
  /// Writes and publishes one message made of `parts`, which must fit. Never blocks, makes no system call.
  Ticket write(std::uint32_t kind, std::initializer_list<ByteView> parts, std::uint32_t items = 1);
  /// The same for a message that nobody claims, with a mark instead.
  void put(std::uint32_t kind, std::uint64_t mark, ByteView head, ByteView body) {
    std::byte* at = at_tail() + sizeof(MessageHeader);
    copy_bytes(at, head);
    copy_bytes(at + head.size(), body);
    publish(kind, mark, head.size() + body.size());
  }
  /// Takes up to `count` items back, the last ones, which the consumer has not begun and now never will;
  /// returns how many. Throws Violation.
  std::uint32_t recall(Ticket& ticket, std::uint32_t count);
  /// How many items of a message written earlier were begun; of a released one all. Throws Violation.
  std::uint32_t begun(const Ticket& ticket) const;
  /// Where the next message will be.
  std::uint64_t position() const noexcept { return tail_; }
  /// Whether the consumer has given back the space of the message that was there. Throws Violation.
  bool is_released(std::uint64_t position);

 private:
  bool fits_by_now(std::size_t length);
  // What is behind the header is there.
  void publish(std::uint32_t kind, std::uint64_t claim, std::size_t length) {
    ACRE_CHECK(tail_ + ring_space(length) - head_ <= capacity_, "write() and put() come after fits()");
    auto* header = ::new (at_tail()) MessageHeader{};
    header->length = static_cast<std::uint32_t>(length);
    header->kind = kind;
    header->claim.store(claim, std::memory_order_relaxed);
    tail_ += ring_space(length);
    indices_->tail.store(tail_, std::memory_order_release);
    fetch_ahead();
  }
  // The consumer's core has had the next cache lines last, and a store would wait until it has let them go.
  void fetch_ahead() const noexcept {
#if defined(__x86_64__)
    constexpr std::uint64_t ahead = 256;
    __asm__ volatile("prefetchw %0" : : "m"(ring_[(tail_ + ahead) & (capacity_ - 1)]));
#endif
  }
  std::byte* at_tail() const noexcept { return ring_ + (tail_ & (capacity_ - 1)); }
  std::atomic<std::uint64_t>& claim_word(const Ticket& ticket) const;
  void look_at_head();
  RingIndices* indices_ = nullptr;
  std::byte* ring_ = nullptr;
  std::uint64_t capacity_ = 0, tail_ = 0, head_ = 0, sequence_ = 0;
};

/// The reading end. One thread of one process.
class RingConsumer {
 public:
  struct Message {
    std::uint32_t kind;
    std::uint64_t sequence;  ///< counted by the consumer, from 1
    std::uint64_t mark;      ///< of a message that nobody claims
    ByteView payload;        ///< in shared memory, until release()
  };

  RingConsumer() = default;
  RingConsumer(RingIndices* indices, std::byte* ring, std::uint64_t capacity) noexcept
      : indices_(indices), ring_(ring), capacity_(capacity) {}

  /// Whether a message is there. Does not block. Throws Violation.
  bool available() { return head_ != tail_ || available_by_now(); }
  /// The next message, if there is one. Throws Violation.
  std::optional<Message> peek() {
    if (!available()) return std::nullopt;
    return front();
  }
  /// Passes messages that nobody claims, those that come next, to `take` while that returns true, and gives
  /// their space back. Does not block. Throws Violation, and what `take` throws.
  template <class Take>
  void take_while(Take take) {
    if (!available()) return;
    constexpr std::uint64_t worth_telling = 4096;  // bytes for which the producer may wait
    for (std::uint64_t told = head_; head_ != tail_ && take(front());) {
      head_ += space_;
      ++sequence_;
      if (head_ - told < worth_telling) continue;
      indices_->head.store(told = head_, std::memory_order_release);
    }
    indices_->head.store(head_, std::memory_order_release);
  }
  /// Begins up to `most` further items of the message last peeked at; returns how many, 0 if none is left.
  /// Throws Violation.
  std::uint32_t claim(std::uint32_t most = 1);
  /// Gives the message's space back.
  void release() noexcept;

 private:
  bool available_by_now();
  [[noreturn]] static void throw_too_long();
  MessageHeader& header() const noexcept {
    return *std::launder(reinterpret_cast<MessageHeader*>(ring_ + (head_ & (capacity_ - 1))));
  }
  Message front() {
    const MessageHeader& shared = header();
    const std::uint32_t length = *const_cast<const volatile std::uint32_t*>(&shared.length);
    const std::uint32_t kind = *const_cast<const volatile std::uint32_t*>(&shared.kind);
    space_ = ring_space(length);
    if (space_ > tail_ - head_) throw_too_long();
    const auto* payload = reinterpret_cast<const std::byte*>(&shared) + sizeof shared;
    return {kind, sequence_, shared.claim.load(std::memory_order_relaxed), ByteView(payload, length)};
  }
  RingIndices* indices_ = nullptr;
  std::byte* ring_ = nullptr;
  std::uint64_t capacity_ = 0, tail_ = 0, head_ = 0, sequence_ = 1, space_ = 0;
  std::uint32_t begun_ = 0;  ///< items of the message last peeked at
};

}  // namespace acre::channel

// A single-producer single-consumer ring of messages in shared memory. A message carries one item or many,
// which are begun one by one; its claim word says how far that is.
//
// Either side may be hostile or dead: what is read from the shared pages is read once, checked against
// private copies, and a broken promise throws Violation, so that the reader can drop that peer and go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include <acre/base/bytes.hpp>
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
  std::atomic<std::uint64_t> claim;
  std::uint32_t length;
  std::uint32_t kind;
};
inline constexpr std::size_t message_alignment = 16;
static_assert(sizeof(MessageHeader) == message_alignment);

/// Bytes a message of `length` takes in a ring.
constexpr std::uint64_t ring_space(std::size_t length) {
  return (sizeof(MessageHeader) + length + message_alignment - 1) / message_alignment * message_alignment;
}

/// The writing end. One thread of one process. `ring` is mapped twice in a row (Mapping::twice).
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
  bool fits(std::size_t length);
  /// Writes and publishes one message made of `parts`, which must fit. Never blocks, makes no system call.
  Ticket write(std::uint32_t kind, std::initializer_list<ByteView> parts, std::uint32_t items = 1);
  /// Takes up to `count` items back, the last ones, which the consumer has not begun and now never will;
  /// returns how many. Throws Violation.
  std::uint32_t recall(Ticket& ticket, std::uint32_t count);
  /// How many items of a message written earlier were begun; of a released one all. Throws Violation.
  std::uint32_t begun(const Ticket& ticket) const;

 private:
  std::atomic<std::uint64_t>& claim_word(const Ticket& ticket) const;
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
    ByteView payload;        ///< in shared memory, until release()
  };

  RingConsumer() = default;
  RingConsumer(RingIndices* indices, std::byte* ring, std::uint64_t capacity) noexcept
      : indices_(indices), ring_(ring), capacity_(capacity) {}

  /// Whether a message is there. Does not block. Throws Violation.
  bool available();
  /// The next message, if there is one. Throws Violation.
  std::optional<Message> peek();
  /// Begins up to `most` further items of the message last peeked at; returns how many, 0 if none is left.
  /// Throws Violation.
  std::uint32_t claim(std::uint32_t most = 1);
  /// Gives the message's space back.
  void release() noexcept;

 private:
  MessageHeader& header() const noexcept;
  RingIndices* indices_ = nullptr;
  std::byte* ring_ = nullptr;
  std::uint64_t capacity_ = 0, tail_ = 0, head_ = 0, sequence_ = 1, space_ = 0;
  std::uint32_t begun_ = 0;  ///< items of the message last peeked at
};

}  // namespace acre::channel

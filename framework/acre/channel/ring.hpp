// A single-producer single-consumer ring of messages in shared memory, each with a claim word.
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

/// A claim word holds the message's sequence number and one of these: a queued message is either claimed by
/// the consumer or recalled by the producer, decided by one compare-and-swap.
enum class Claim : std::uint64_t { queued = 1, claimed = 2, recalled = 3 };

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
  /// Where a message went: enough to recall it or to look at its claim.
  struct Ticket {
    std::uint64_t sequence = 0, position = 0;
  };

  RingProducer() = default;
  RingProducer(RingIndices* indices, std::byte* ring, std::uint64_t capacity) noexcept
      : indices_(indices), ring_(ring), capacity_(capacity) {}

  /// Whether a message of `length` bytes can be written now. Throws Violation.
  bool fits(std::size_t length);
  /// Writes and publishes one message made of `parts`, which must fit. Never blocks, makes no system call.
  Ticket write(std::uint32_t kind, std::initializer_list<ByteView> parts);
  /// Takes a message back: true if the consumer had not claimed it and now never will. Throws Violation.
  bool recall(Ticket ticket);
  /// The claim of a message written earlier; a released one was claimed. Throws Violation.
  Claim claim(Ticket ticket) const;

 private:
  std::atomic<std::uint64_t>& claim_word(Ticket ticket) const;
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
  /// Claims the message last peeked at: false if the producer has recalled it. Throws Violation.
  bool claim();
  /// Gives the message's space back.
  void release() noexcept;

 private:
  MessageHeader& header() const noexcept;
  RingIndices* indices_ = nullptr;
  std::byte* ring_ = nullptr;
  std::uint64_t capacity_ = 0, tail_ = 0, head_ = 0, sequence_ = 1, space_ = 0;
};

}  // namespace acre::channel

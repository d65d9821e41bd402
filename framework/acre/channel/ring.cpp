#include <cstring>
#include <new>

#include <acre/base/check.hpp>
#include <acre/channel/ring.hpp>

namespace acre::channel {
namespace {
constexpr std::uint64_t claim_value(std::uint64_t sequence, Claim claim) {
  return sequence << 2 | static_cast<std::uint64_t>(claim);
}

// The one compare-and-swap that decides whether a message is run or taken back.
bool settle(std::atomic<std::uint64_t>& word, std::uint64_t sequence, Claim wish, Claim other) {
  std::uint64_t seen = claim_value(sequence, Claim::queued);
  if (word.compare_exchange_strong(seen, claim_value(sequence, wish), std::memory_order_acq_rel)) return true;
  if (seen != claim_value(sequence, other)) throw Violation("a claim word was overwritten");
  return false;
}
}  // namespace

bool RingProducer::fits(std::size_t length) {
  const std::uint64_t space = ring_space(length);
  if (tail_ + space - head_ <= capacity_) return true;
  const std::uint64_t head = indices_->head.load(std::memory_order_acquire);
  if (head < head_ || head > tail_ || head % message_alignment != 0)
    throw Violation("a ring's head was overwritten");
  head_ = head;
  return tail_ + space - head_ <= capacity_;
}

RingProducer::Ticket RingProducer::write(std::uint32_t kind, std::initializer_list<ByteView> parts) {
  std::byte* at = ring_ + tail_ % capacity_;
  std::size_t length = 0;
  for (const ByteView part : parts) {
    if (!part.empty()) std::memcpy(at + sizeof(MessageHeader) + length, part.data(), part.size());
    length += part.size();
  }
  ACRE_CHECK(tail_ + ring_space(length) - head_ <= capacity_, "write() comes after fits()");
  const Ticket ticket{++sequence_, tail_};
  auto* header = ::new (at) MessageHeader{};
  header->length = static_cast<std::uint32_t>(length);
  header->kind = kind;
  header->claim.store(claim_value(ticket.sequence, Claim::queued), std::memory_order_relaxed);
  tail_ += ring_space(length);
  indices_->tail.store(tail_, std::memory_order_release);
  return ticket;
}

std::atomic<std::uint64_t>& RingProducer::claim_word(Ticket ticket) const {
  return std::launder(reinterpret_cast<MessageHeader*>(ring_ + ticket.position % capacity_))->claim;
}

bool RingProducer::recall(Ticket ticket) {
  if (ticket.position < head_) return false;
  return settle(claim_word(ticket), ticket.sequence, Claim::recalled, Claim::claimed);
}

Claim RingProducer::claim(Ticket ticket) const {
  if (ticket.position < head_) return Claim::claimed;
  const std::uint64_t word = claim_word(ticket).load(std::memory_order_acquire);
  for (const Claim claim : {Claim::queued, Claim::claimed, Claim::recalled})
    if (word == claim_value(ticket.sequence, claim)) return claim;
  throw Violation("a claim word was overwritten");
}

MessageHeader& RingConsumer::header() const noexcept {
  return *std::launder(reinterpret_cast<MessageHeader*>(ring_ + head_ % capacity_));
}

bool RingConsumer::available() {
  if (head_ != tail_) return true;
  const std::uint64_t tail = indices_->tail.load(std::memory_order_acquire);
  if (tail < tail_ || tail - head_ > capacity_ || tail % message_alignment != 0)
    throw Violation("a ring's tail was overwritten");
  tail_ = tail;
  return head_ != tail_;
}

std::optional<RingConsumer::Message> RingConsumer::peek() {
  if (!available()) return std::nullopt;
  const MessageHeader& shared = header();
  const std::uint32_t length = *const_cast<const volatile std::uint32_t*>(&shared.length);
  const std::uint32_t kind = *const_cast<const volatile std::uint32_t*>(&shared.kind);
  space_ = ring_space(length);
  if (space_ > tail_ - head_) throw Violation("a message claims to be longer than the ring's content");
  const std::byte* payload = ring_ + head_ % capacity_ + sizeof(MessageHeader);
  return Message{kind, sequence_, ByteView(payload, length)};
}

bool RingConsumer::claim() { return settle(header().claim, sequence_, Claim::claimed, Claim::recalled); }

void RingConsumer::release() noexcept {
  head_ += space_;
  ++sequence_;
  indices_->head.store(head_, std::memory_order_release);
}

}  // namespace acre::channel

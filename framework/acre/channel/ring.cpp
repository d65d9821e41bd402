#include <algorithm>
#include <cstring>

#include <acre/channel/ring.hpp>

namespace acre::channel {
namespace {
// What a claim word must be: all that can change without this side's knowledge is the other one's part of it.
Claims checked(std::uint64_t word, std::uint64_t sequence, std::uint32_t items) {
  const Claims claims = Claims::of(word);
  if (claims.sequence != static_cast<std::uint32_t>(sequence) || claims.items > items ||
      claims.begun > claims.items)
    throw Violation("a claim word was overwritten");
  return claims;
}
}  // namespace

bool RingProducer::fits_by_now(std::size_t length) {
  look_at_head();
  return tail_ + ring_space(length) - head_ <= capacity_;
}

void RingProducer::look_at_head() {
  const std::uint64_t head = indices_->head.load(std::memory_order_acquire);
  if (head < head_ || head > tail_ || head % message_alignment != 0)
    throw Violation("a ring's head was overwritten");
  head_ = head;
}

bool RingProducer::is_released(std::uint64_t position) {
  if (position >= head_) look_at_head();
  return position < head_;
}

RingProducer::Ticket RingProducer::write(std::uint32_t kind, std::initializer_list<ByteView> parts,
                                         std::uint32_t items) {
  std::byte* const at = at_tail() + sizeof(MessageHeader);
  std::size_t length = 0;
  for (const ByteView part : parts) {
    if (!part.empty()) std::memcpy(at + length, part.data(), part.size());
    length += part.size();
  }
  ACRE_CHECK(items >= 1 && items <= most_items, "a claim word counts so many items");
  const Ticket ticket{++sequence_, tail_, items};
  const Claims claims{static_cast<std::uint32_t>(ticket.sequence), 0, static_cast<std::uint16_t>(items)};
  publish(kind, claims.word(), length);
  return ticket;
}

std::atomic<std::uint64_t>& RingProducer::claim_word(const Ticket& ticket) const {
  return std::launder(reinterpret_cast<MessageHeader*>(ring_ + (ticket.position & (capacity_ - 1))))->claim;
}

std::uint32_t RingProducer::recall(Ticket& ticket, std::uint32_t count) {
  if (ticket.position < head_) return 0;
  std::atomic<std::uint64_t>& shared = claim_word(ticket);
  std::uint64_t word = shared.load(std::memory_order_acquire);
  for (std::uint32_t tries = 0; tries <= most_items; ++tries) {
    Claims claims = checked(word, ticket.sequence, ticket.items);
    if (claims.items != ticket.items) break;
    const std::uint32_t taken = std::min<std::uint32_t>(count, claims.items - claims.begun);
    claims.items = static_cast<std::uint16_t>(claims.items - taken);
    if (taken != 0 && !shared.compare_exchange_weak(word, claims.word(), std::memory_order_acq_rel)) continue;
    ticket.items -= taken;
    return taken;
  }
  throw Violation("a claim word was overwritten");
}

std::uint32_t RingProducer::begun(const Ticket& ticket) const {
  if (ticket.position < head_) return ticket.items;
  const Claims claims =
      checked(claim_word(ticket).load(std::memory_order_acquire), ticket.sequence, ticket.items);
  if (claims.items != ticket.items) throw Violation("a claim word was overwritten");
  return claims.begun;
}

bool RingConsumer::available_by_now() {
  const std::uint64_t tail = indices_->tail.load(std::memory_order_acquire);
  if (tail < tail_ || tail - head_ > capacity_ || tail % message_alignment != 0)
    throw Violation("a ring's tail was overwritten");
  tail_ = tail;
  return head_ != tail_;
}

void RingConsumer::throw_too_long() {
  throw Violation("a message claims to be longer than the ring's content");
}

std::uint32_t RingConsumer::claim(std::uint32_t most) {
  std::atomic<std::uint64_t>& shared = header().claim;
  std::uint64_t word = shared.load(std::memory_order_relaxed);
  for (;;) {
    Claims claims = checked(word, sequence_, most_items);
    if (claims.begun != begun_) throw Violation("a claim word was overwritten");
    const std::uint32_t taken = std::min<std::uint32_t>(most, claims.items - claims.begun);
    if (taken == 0) return 0;
    claims.begun = static_cast<std::uint16_t>(claims.begun + taken);
    if (!shared.compare_exchange_weak(word, claims.word(), std::memory_order_acq_rel)) continue;
    begun_ += taken;
    return taken;
  }
}

void RingConsumer::release() noexcept {
  head_ += space_;
  ++sequence_;
  begun_ = 0;
  indices_->head.store(head_, std::memory_order_release);
}

}  // namespace acre::channel

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <tuple>

#include <acre/base/check.hpp>
#include <acre/base/time.hpp>
#include <acre/channel/socket.hpp>
#include <acre/channel/worker_channel.hpp>

namespace acre::channel {
namespace {
constexpr std::size_t control_size = 4096;
constexpr std::uint32_t blob_bit = 0x8000'0000, attached_bit = 0x4000'0000;
constexpr std::uint32_t beside_bits = blob_bit | attached_bit;  // something travels beside the ring
static_assert(sizeof(ControlPage) <= control_size);

void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

void replace(Bytes& buffer, ByteView bytes) {
  buffer.clear();
  append(buffer, bytes);
}

// A blob's bytes: read() copies them, so a peer that truncates or scribbles meanwhile does no harm. `beat` is
// called from time to time.
template <class Beat>
Bytes read_blob(Received received, Beat beat) {
  if (received.state != Received::State::message || received.descriptors.size() != 1 ||
      received.bytes.size() != sizeof(std::uint64_t))
    throw Violation("a large message came without its memory");
  std::uint64_t size = 0;
  std::memcpy(&size, received.bytes.data(), sizeof size);
  struct stat status {};
  const int fd = received.descriptors.front().get();
  constexpr std::uint64_t block = 512;  // what st_blocks counts in: a file of holes could announce any size
  if (::fstat(fd, &status) != 0 || static_cast<std::uint64_t>(status.st_size) < size ||
      block * static_cast<std::uint64_t>(status.st_blocks) < size)
    throw Violation("a large message is shorter than announced");
  constexpr std::size_t piece = std::size_t{64} << 20;
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; at += piece) {
    read_exactly(fd, at, std::span(bytes).subspan(at, std::min(piece, size - at)), "a large message");
    beat();
  }
  return bytes;
}

Sent send_blob(int socket, ByteView head, ByteView body, bool wait) {
  const Descriptor blob = create_blob(head);
  write_all(blob.get(), body, "a large message to shared memory");
  const std::uint64_t size = head.size() + body.size();
  const std::array<int, 1> fds{blob.get()};
  return send_message(socket, bytes_of(size), fds, wait);
}
}  // namespace

AgentEnd::AgentEnd()
    : memory_(create_memory("acre-channel", control_size + 2 * ring_capacity)),
      control_(Mapping::shared(memory_.get(), 0, control_size)),
      down_ring_(Mapping::twice(memory_.get(), control_size, ring_capacity)),
      up_ring_(Mapping::twice(memory_.get(), control_size + ring_capacity, ring_capacity)),
      page_(::new (control_.data()) ControlPage{}),
      down_(&page_->down, down_ring_.data(), ring_capacity),
      up_(&page_->up, up_ring_.data(), ring_capacity) {
  std::tie(ours_, theirs_) = socket_pair();
  ring_at(never);
}

void AgentEnd::sent() noexcept {
  memory_.reset();
  theirs_.reset();
}

void AgentEnd::ask_to_leave(Leave why) noexcept {
  auto none = static_cast<std::uint32_t>(Leave::no);
  if (why == Leave::surplus)
    page_->leave.store(static_cast<std::uint32_t>(why), std::memory_order_relaxed);
  else
    page_->leave.compare_exchange_strong(none, static_cast<std::uint32_t>(why));
}

std::optional<RingProducer::Ticket> AgentEnd::write(std::uint32_t kind, ByteView head, ByteView body,
                                                    std::uint32_t items) {
  const std::size_t length = head.size() + body.size();
  if (length <= blob_threshold) {
    if (!down_.fits(length)) return std::nullopt;
    return down_.write(kind, {head, body}, items);
  }
  if (!down_.fits(0) || send_blob(ours_.get(), head, body, false) == Sent::full) return std::nullopt;
  return down_.write(kind | blob_bit, {}, items);
}

std::optional<RingProducer::Ticket> AgentEnd::write_attached(std::uint32_t kind, ByteView payload,
                                                             int descriptor) {
  const std::array<int, 1> fds{descriptor};
  if (!down_.fits(0) || send_message(ours_.get(), payload, fds, false) == Sent::full) return std::nullopt;
  return down_.write(kind | attached_bit, {});
}

bool AgentEnd::read(OwnedMessage& message) {
  const auto arrived = up_.peek();
  if (!arrived) return false;
  message.kind = arrived->kind & ~blob_bit;
  message.mark = arrived->mark;
  if ((arrived->kind & blob_bit) != 0)
    message.payload = read_blob(receive_message(ours_.get(), false), [] {});
  else
    replace(message.payload, arrived->payload);
  up_.release();
  return true;
}

WorkerEnd::WorkerEnd(Descriptor memory, Descriptor socket, Descriptor agent_bell)
    : socket_(out_of_the_way(std::move(socket))),
      agent_bell_(out_of_the_way(std::move(agent_bell))),
      control_(Mapping::shared(memory.get(), 0, control_size)),
      down_ring_(Mapping::twice(memory.get(), control_size, ring_capacity)),
      up_ring_(Mapping::twice(memory.get(), control_size + ring_capacity, ring_capacity)),
      page_(std::launder(reinterpret_cast<ControlPage*>(control_.data()))),
      down_(&page_->down, down_ring_.data(), ring_capacity),
      up_(&page_->up, up_ring_.data(), ring_capacity) {
  for (const Mapping* mapping : {&control_, &down_ring_, &up_ring_}) mapping->keep_from_forks();
}

// Spinning pays if the next message comes sooner than a sleeper is woken, which is likely if the last one
// did. Others may want this core meanwhile, so it is offered to them from time to time.
void WorkerEnd::wait_for_message() {
  constexpr Duration worth_spinning = std::chrono::microseconds(50);
  constexpr int looks_between_offers = 32;
  if (down_.available()) return;
  const Instant begin = now();
  const Instant until = soon_ ? begin + worth_spinning : begin;
  do {
    for (int i = 0; i < looks_between_offers; ++i) {
      if (down_.available()) return;
      pause();
    }
    ::sched_yield();
  } while (now() < until);
  page_->worker.wait_until([this] { return down_.available(); });
  soon_ = now() - begin < 2 * worth_spinning;
}

void WorkerEnd::stay() noexcept {
  auto large = static_cast<std::uint32_t>(Leave::large);
  page_->leave.compare_exchange_strong(large, static_cast<std::uint32_t>(Leave::no));
}

const OwnedMessage& WorkerEnd::claim_next() {
  for (;;) {
    wait_for_message();
    const auto message = down_.peek();
    const std::uint32_t beside = message->kind & beside_bits;
    if (beside != 0 && ::fcntl(socket_.get(), F_GETFD) < 0)
      throw ChannelGone("the worker's socket was closed");
    sequence_ = message->sequence;
    begun_ = claimed_ = 0;
    const bool ours = claim_item();
    message_.kind = message->kind & ~beside_bits;
    if (beside != 0) receive_beside(message_, beside);
    if (!ours) {
      down_.release();
      continue;
    }
    if (beside == 0) replace(message_.payload, message->payload);
    return message_;
  }
}

bool WorkerEnd::claim_more(std::uint32_t ahead) {
  claimed_ += down_.claim(1 + ahead);
  beat();
  return has_claimed();
}

void WorkerEnd::beat() noexcept {
  page_->beat.store(page_->beat.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// The agent sends it before it writes the message: what is not there now will not come, and a task has
// written into the ring.
void WorkerEnd::receive_beside(OwnedMessage& message, std::uint32_t how) {
  Received received = receive_message(socket_.get(), false);
  if (how == blob_bit) {
    message.payload = read_blob(std::move(received), [this] { beat(); });
    return;
  }
  if (received.descriptors.size() != 1) throw Violation("a message came without its descriptor");
  message.payload = std::move(received.bytes);
  message.attached = std::move(received.descriptors.front());
}

bool WorkerEnd::write_slowly(std::uint32_t kind, ByteView head, ByteView body, std::uint64_t mark) {
  const bool blob = head.size() + body.size() > blob_threshold;
  const std::size_t length = blob ? 0 : head.size() + body.size();
  if (!up_.fits(length)) {
    ring();
    page_->space.wait_until([&] { return up_.fits(length); });
  }
  if (!blob) {
    up_.put(kind, mark, head, body);
    return true;
  }
  if (::fcntl(socket_.get(), F_GETFD) < 0)
    throw Error("the socket for large messages was closed: a task closed descriptors that it had not opened");
  if (send_blob(socket_.get(), head, body, true) != Sent::yes) throw Error("the agent is gone");
  up_.put(kind | blob_bit, mark, {}, {});
  return true;
}

void WorkerEnd::ring() {
  if (!agent_bell_.ring()) throw ChannelGone("the bell of the worker's agent was closed");
}

void WorkerEnd::ring_as_asked(bool asked) {
  if (bell_gone_ && !has_claimed()) ring();
  if (!asked) return;
  page_->ring_at.store(AgentEnd::never, std::memory_order_relaxed);
  if (has_claimed())
    bell_gone_ |= !agent_bell_.ring();
  else
    ring();
}

}  // namespace acre::channel

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <tuple>

#include <acre/base/check.hpp>
#include <acre/base/pause.hpp>
#include <acre/base/time.hpp>
#include <acre/channel/socket.hpp>
#include <acre/channel/worker_channel.hpp>

namespace acre::channel {
namespace {
constexpr std::size_t control_size = 4096;
constexpr std::uint32_t blob_bit = 0x8000'0000, attached_bit = 0x4000'0000;
constexpr std::uint32_t beside_bits = blob_bit | attached_bit;  // something travels beside the ring
static_assert(sizeof(ControlPage) <= control_size);

void replace(Bytes& buffer, ByteView bytes) {
  buffer.clear();
  append(buffer, bytes);
}

// What travels beside the ring, on the socket, with the descriptor of the memory.
struct Beside {
  Descriptor memory;
  struct stat status {};
  LargePlace place;
};

Beside beside_of(Received received) {
  if (received.state != Received::State::message || received.descriptors.size() != 1 ||
      received.bytes.size() != sizeof(LargePlace))
    throw Violation("a large message came without its memory");
  Beside beside;
  beside.memory = std::move(received.descriptors.front());
  std::memcpy(&beside.place, received.bytes.data(), sizeof beside.place);
  const auto& [offset, size, loan] = beside.place;
  constexpr std::uint64_t block = 512;  // what st_blocks counts in: a file of holes could announce any size
  if (::fstat(beside.memory.get(), &beside.status) != 0 || offset > offset + size ||
      static_cast<std::uint64_t>(beside.status.st_size) < offset + size ||
      block * static_cast<std::uint64_t>(beside.status.st_blocks) < offset + size)
    throw Violation("a large message is shorter than announced");
  return beside;
}

// A short one is read, and so is what its sender could truncate: a reader of the mapping would be killed.
bool is_worth_mapping(const Beside& beside) {
  if (beside.place.size < least_long) return false;
  const int seals = ::fcntl(beside.memory.get(), F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

// `beat` is called from time to time.
template <class Beat>
Bytes read_copy(const Beside& beside, Beat beat) {
  constexpr std::size_t piece = std::size_t{64} << 20;
  const auto& [offset, size, loan] = beside.place;
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; at += piece) {
    const std::span<std::byte> into = std::span(bytes).subspan(at, std::min(piece, size - at));
    read_exactly(beside.memory.get(), offset + at, into, "a large message");
    beat();
  }
  return bytes;
}

// None if the system has no more mappings for this process: then it can still be copied.
Block mapped(BlockReader& blocks, const Beside& beside) {
  try {
    return blocks.map(beside.memory.get(), beside.status, beside.place.offset + beside.place.size);
  } catch (const std::exception&) {
    return {};
  }
}

// From the block that it lies in, or from a blob that it is copied to.
Sent send_large(int socket, ByteView body, const Block& block, const Loan& loan, bool wait) {
  Descriptor blob;
  LargePlace place{0, body.size(), loan};
  if (block)
    place.offset = static_cast<std::uint64_t>(body.data() - block.data());
  else
    blob = create_blob(body);
  const std::array<int, 1> fds{block ? block.fd() : blob.get()};
  return send_message(socket, bytes_of(place), fds, wait);
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
                                                    std::uint32_t items, const Block& block) {
  if (theirs_mapped_.has_loans()) give_back();
  if (head.size() + body.size() <= blob_threshold) {
    if (!down_.fits(head.size() + body.size())) return std::nullopt;
    return down_.write(kind, {head, body}, items);
  }
  ACRE_CHECK(head.size() <= blob_threshold, "the head of a message is short");
  if (!down_.fits(head.size()) || send_large(ours_.get(), body, block, {}, false) == Sent::full)
    return std::nullopt;
  return down_.write(kind | blob_bit, {head}, items);
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
  if (message.is_large) message.large = Bytes();
  message.kind = arrived->kind & ~blob_bit;
  message.mark = arrived->mark;
  replace(message.payload, arrived->payload);
  message.is_large = (arrived->kind & blob_bit) != 0;
  if (message.is_large) read_large(message);
  up_.release();
  return true;
}

// What lies in a block stays there if the worker waits for that to be given back, and is copied otherwise, as
// the worker can still write there; to memory that was used before.
void AgentEnd::read_large(OwnedMessage& message) {
  const Beside beside = beside_of(receive_message(ours_.get(), false));
  const auto& [offset, size, loan] = beside.place;
  give_back();
  if (theirs_mapped_.is_lent(beside.status))
    throw Violation("a large message was written over one that is being read");
  Block block = is_worth_mapping(beside) ? mapped(theirs_mapped_, beside) : Block();
  const bool can_lend = block && loan.number < Loan::most && Block::begins_buffer(offset);
  if (can_lend && theirs_mapped_.take_loan(beside.status, loan)) {
    message.large = std::move(block).into_buffer(size);
    return;
  }
  const FromSource from(block ? &BlockSource::here() : nullptr);
  message.large = block ? acre::copy_of(ByteView(block.data() + offset, size)) : read_copy(beside, [] {});
  if (loan.number < Loan::most) page_->returned[loan.number].store(loan.token, std::memory_order_release);
}

void AgentEnd::give_back() {
  theirs_mapped_.end_loans([this](const Loan& loan) {
    page_->returned[loan.number].store(loan.token, std::memory_order_release);
  });
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
  if (keeps_) wait_and_tidy();
  page_->worker.wait_until([this] { return down_.available(); });
  soon_ = now() - begin < 2 * worth_spinning;
}

// What is kept for longer than a second is not for the next message. What only waits to be given back is
// looked after more and more seldom, as results may be left unread for hours.
void WorkerEnd::wait_and_tidy() {
  constexpr Duration first = std::chrono::seconds(1), longest = std::chrono::minutes(1);
  Duration rest = first;
  while (keeps_ && !page_->worker.wait_until([this] { return down_.available(); }, rest)) {
    tidy();
    const bool all_lent = theirs_mapped_.empty() && BlockSource::here().count() <= lent_.size();
    rest = all_lent ? std::min(2 * rest, longest) : first;
    if (all_lent && on_rest_) on_rest_();
  }
}

void WorkerEnd::stay() noexcept {
  auto large = static_cast<std::uint32_t>(Leave::large);
  page_->leave.compare_exchange_strong(large, static_cast<std::uint32_t>(Leave::no));
}

const OwnedMessage& WorkerEnd::claim_next() {
  constexpr std::uint32_t tidy_period = 64;
  if (keeps_ && ++since_tidy_ % tidy_period == 0) tidy();
  for (;;) {
    wait_for_message();
    if (keeps_) take_back();
    const auto message = down_.peek();
    const std::uint32_t beside = message->kind & beside_bits;
    if (beside != 0 && ::fcntl(socket_.get(), F_GETFD) < 0)
      throw ChannelGone("the worker's socket was closed");
    sequence_ = message->sequence;
    begun_ = claimed_ = 0;
    const bool ours = claim_item();
    message_.kind = message->kind & ~beside_bits;
    message_.is_large = beside == blob_bit;
    if (beside != 0) receive_beside(beside, ours);
    if (!ours) {
      down_.release();
      continue;
    }
    if (beside != attached_bit) replace(message_.payload, message->payload);
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
void WorkerEnd::receive_beside(std::uint32_t how, bool ours) {
  Received received = receive_message(socket_.get(), false);
  if (how == attached_bit) {
    if (received.descriptors.size() != 1) throw Violation("a message came without its descriptor");
    message_.payload = std::move(received.bytes);
    message_.attached = std::move(received.descriptors.front());
    return;
  }
  const Beside beside = beside_of(std::move(received));
  if (!ours) return;
  const auto& [offset, size, loan] = beside.place;
  if (is_worth_mapping(beside)) message_.block = mapped(theirs_mapped_, beside);
  if (message_.block) {
    message_.in_block = ByteView(message_.block.data() + offset, size);
    keeps_ = true;
  } else {
    message_.large = read_copy(beside, [this] { beat(); });
  }
}

bool WorkerEnd::write_slowly(std::uint32_t kind, ByteView head, ByteView body, std::uint64_t mark,
                             const Block& block) {
  const bool large = head.size() + body.size() > blob_threshold;
  const std::size_t length = head.size() + (large ? 0 : body.size());
  if (!up_.fits(length)) {
    ring();
    page_->space.wait_until([&] { return up_.fits(length); });
  }
  if (!large) {
    up_.put(kind, mark, head, body);
    return true;
  }
  ACRE_CHECK(head.size() <= blob_threshold, "the head of a message is short");
  if (::fcntl(socket_.get(), F_GETFD) < 0)
    throw Error("the socket for large messages was closed: a task closed descriptors that it had not opened");
  const Loan loan = block ? next_loan() : Loan();
  if (send_large(socket_.get(), body, block, loan, true) != Sent::yes) throw Error("the agent is gone");
  if (block) lent_.push_back({up_.position(), block, loan});
  keeps_ |= static_cast<bool>(block);
  up_.put(kind | blob_bit, mark, head, {});
  return true;
}

// Under a number that none of the others has. A task that writes into the control page by mistake does not
// hit upon a product like the token.
Loan WorkerEnd::next_loan() {
  constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
  Loan loan;
  for (loan.number = 0; loan.number < Loan::most; ++loan.number)
    if (std::none_of(lent_.begin(), lent_.end(),
                     [&](const Lent& lent) { return lent.loan.number == loan.number; }))
      break;
  loan.token = odd * ++loans_;
  return loan;
}

// Until the agent is done with it. That takes as long as changing page tables; mostly the agent is sooner.
void WorkerEnd::protect_all_lent() {
  take_back();
  for (Lent& lent : lent_)
    if (!std::exchange(lent.read_only, true)) lent.block.protect(true);
}

void WorkerEnd::take_back() {
  std::erase_if(lent_, [this](const Lent& lent) {
    const std::uint64_t number = lent.loan.number;
    if (number < Loan::most ? page_->returned[number].load(std::memory_order_acquire) != lent.loan.token
                            : !up_.is_released(lent.position))
      return false;
    if (lent.read_only) lent.block.protect(false);
    return true;
  });
}

void WorkerEnd::tidy() {
  take_back();
  theirs_mapped_.tidy();
  BlockSource::here().tidy();
  const bool kept = keeps_;
  keeps_ = !lent_.empty() || !theirs_mapped_.empty() || BlockSource::here().count() != 0;
  if (kept && !keeps_ && on_rest_) on_rest_();
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

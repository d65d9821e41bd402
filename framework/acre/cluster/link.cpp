#include <algorithm>
#include <cstring>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/cluster/link.hpp>

namespace acre::cluster {
namespace {
constexpr int frame_tag = 1, piece_tag = 2;
constexpr std::size_t slot_count = 16;

struct Head {
  std::uint32_t channel, kind;
  std::uint64_t size;
};

template <class Each>
void for_pieces(Bytes& payload, std::size_t piece_bytes, Each each) {
  for (std::size_t at = 0; at < payload.size(); at += piece_bytes)
    each(payload.data() + at, static_cast<int>(std::min(piece_bytes, payload.size() - at)));
}

bool all_done(std::vector<MPI_Request>& requests) {
  int done = 0;
  check(MPI_Testall(static_cast<int>(requests.size()), requests.data(), &done, MPI_STATUSES_IGNORE),
        "MPI_Testall");
  return done != 0;
}
}  // namespace

Link::Link(MPI_Comm comm, LinkSizes sizes) : comm_(comm), sizes_(sizes), slots_(slot_count) {
  ACRE_CHECK(sizes.slot_bytes >= sizeof(Head), "a slot holds at least a frame's head");
  for (Slot& slot : slots_) {
    slot.buffer.resize(sizes_.slot_bytes);
    post(slot);
  }
}

Link::~Link() = default;

bool Link::goes_inline(std::size_t payload_bytes) const {
  return payload_bytes <= sizes_.slot_bytes - sizeof(Head);
}

void Link::post(Slot& slot) {
  check(MPI_Irecv(slot.buffer.data(), static_cast<int>(slot.buffer.size()), MPI_BYTE, MPI_ANY_SOURCE,
                  frame_tag, comm_, &slot.request),
        "MPI_Irecv");
}

void Link::send(Frame frame) {
  const std::lock_guard lock(mutex_);
  const Head head{frame.channel, frame.kind, frame.payload.size()};
  const bool small = goes_inline(frame.payload.size());
  Sending& sending = sends_.emplace_back();
  sending.head = copy_of(bytes_of(head));
  if (small)
    append(sending.head, frame.payload);
  else
    sending.payload = std::move(frame.payload);
  check(MPI_Isend(sending.head.data(), static_cast<int>(sending.head.size()), MPI_BYTE, frame.peer, frame_tag,
                  comm_, &sending.requests.emplace_back()),
        "MPI_Isend");
  for_pieces(sending.payload, sizes_.piece_bytes, [&](std::byte* at, int size) {
    check(MPI_Isend(at, size, MPI_BYTE, frame.peer, piece_tag, comm_, &sending.requests.emplace_back()),
          "MPI_Isend");
  });
  if (all_done(sends_.front().requests)) sends_.pop_front();  // progress() looks at all of them
}

void Link::finish_sends() {
  for (auto at = sends_.begin(); at != sends_.end();)
    at = all_done(at->requests) ? sends_.erase(at) : std::next(at);
}

std::optional<Frame> Link::receive(std::uint32_t channel) {
  const std::lock_guard lock(mutex_);
  const auto inbox = inboxes_.find(channel);
  if (inbox == inboxes_.end() || inbox->second.empty()) return std::nullopt;
  Frame frame = std::move(inbox->second.front());
  inbox->second.pop_front();
  return frame;
}

bool Link::progress() {
  const std::lock_guard lock(mutex_);
  return progress_locked();
}

bool Link::progress_locked() {
  bool anything = false;
  for (;;) {
    Slot& slot = slots_[oldest_];
    int done = 0;
    MPI_Status status;
    check(MPI_Test(&slot.request, &done, &status), "MPI_Test");
    if (done == 0) break;
    arrived(slot, status);
    post(slot);
    oldest_ = (oldest_ + 1) % slots_.size();
    anything = true;
  }
  for (auto& [peer, queue] : arriving_) anything |= settle(queue);
  finish_sends();
  return anything;
}

void Link::arrived(const Slot& slot, const MPI_Status& status) {
  int size = 0;
  check(MPI_Get_count(&status, MPI_BYTE, &size), "MPI_Get_count");
  Head head;
  if (static_cast<std::size_t>(size) < sizeof head) throw Error("a frame from another rank has no head");
  std::memcpy(&head, slot.buffer.data(), sizeof head);
  Arriving arriving{{status.MPI_SOURCE, head.channel, head.kind, Bytes(head.size)}, {}};
  if (goes_inline(head.size))
    std::copy_n(slot.buffer.data() + sizeof head, head.size, arriving.frame.payload.begin());
  else
    for_pieces(arriving.frame.payload, sizes_.piece_bytes, [&](std::byte* at, int piece) {
      check(MPI_Irecv(at, piece, MPI_BYTE, status.MPI_SOURCE, piece_tag, comm_,
                      &arriving.pieces.emplace_back()),
            "MPI_Irecv of a piece");
    });
  arriving_[status.MPI_SOURCE].push_back(std::move(arriving));
}

// Frames of one peer stay in order: one whose pieces are still under way holds back those behind it.
bool Link::settle(std::deque<Arriving>& queue) {
  bool anything = false;
  while (!queue.empty() && all_done(queue.front().pieces)) {
    Frame frame = std::move(queue.front().frame);
    queue.pop_front();
    inboxes_[frame.channel].push_back(std::move(frame));
    anything = true;
  }
  return anything;
}

void Link::close() {
  const std::lock_guard lock(mutex_);
  while (!sends_.empty()) progress_locked();
  for (Slot& slot : slots_) {
    check(MPI_Cancel(&slot.request), "MPI_Cancel");
    check(MPI_Wait(&slot.request, MPI_STATUS_IGNORE), "MPI_Wait");
  }
  check(MPI_Comm_free(&comm_), "MPI_Comm_free");
}

}  // namespace acre::cluster

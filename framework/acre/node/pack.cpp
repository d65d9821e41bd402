#include <algorithm>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/node/pack.hpp>
#include <acre/wire/codec.hpp>

namespace acre::node {
namespace {
// Beyond it a message more costs nothing, compared with the arguments.
constexpr std::uint64_t worth_packing = std::uint64_t{16} * 1024;
constexpr std::uint32_t most_together = 1024;
}  // namespace

void Pack::take(const Deal& deal, const TaskRequest& request, std::uint32_t from) {
  chunk = deal.chunk;
  place = from;
  ends.clear();
  const std::uint32_t first = deal.first + from, most = std::min(deal.count - from, most_together);
  head = request.head_of(first, deal.attempt);
  if (most > 1) {
    const std::uint64_t begin = first == 0 ? 0 : request.ends[first - 1];
    const auto here = request.ends.begin() + first;
    const auto behind = std::upper_bound(here, here + most, begin + worth_packing);
    ends.resize(static_cast<std::size_t>(behind - here));
    std::transform(here, behind, ends.begin(),
                   [begin](std::uint64_t end) { return static_cast<std::uint32_t>(end - begin); });
  }
  head.count = std::max(static_cast<std::uint32_t>(ends.size()), 1u);
  if (head.count == 1) ends.clear();
}

void Pack::shorten(std::uint32_t count) {
  head.count = count;
  ends.resize(count > 1 ? count : 0);
}

ByteView Pack::front(Bytes& buffer) const {
  if (ends.empty()) return bytes_of(head);
  const ByteView table = std::as_bytes(std::span(ends));
  buffer.resize(sizeof head + table.size());
  std::memcpy(buffer.data(), &head, sizeof head);
  std::memcpy(buffer.data() + sizeof head, table.data(), table.size());
  return buffer;
}

PackView::PackView(const channel::OwnedMessage& message) {
  wire::Reader reader(message.payload);
  reader.copy(&head_, sizeof head_);
  if (head_.count > 1) ends_ = reader.bytes(sizeof(std::uint32_t) * std::size_t{head_.count});
  arguments_ = message.behind(message.payload.size() - reader.remaining());
}

void PackView::throw_short() { throw Error("a message has fewer tasks than its claim word says"); }

void PackView::throw_overlap() { throw Error("a message's tasks overlap"); }

}  // namespace acre::node

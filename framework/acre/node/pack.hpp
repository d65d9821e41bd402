// Tasks of a chunk in a row on their way to a worker, as one message.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/channel/worker_channel.hpp>
#include <acre/node/member_group.hpp>

namespace acre::node {

/// Tasks of a chunk that go to a worker together. In the message their head is followed by where the
/// arguments of each end (32 bits each; left out for a single task), and by the arguments of all.
struct Pack {
  ChunkId chunk;
  std::uint32_t place = 0;          ///< of the first one in the chunk
  task::TaskHead head;              ///< of the first one, and how many there are
  std::vector<std::uint32_t> ends;  ///< empty for a single task

  /// As many of the deal's tasks from `place` on as are worth one message. `ends` keeps its memory.
  void take(const Deal& deal, const TaskRequest& request, std::uint32_t place);
  /// The last tasks are gone.
  void shorten(std::uint32_t count);
  /// What precedes the arguments, in `buffer` if it is not in one piece here.
  ByteView front(Bytes& buffer) const;
};

/// The worker's view of such a message, whose bytes it does not own.
class PackView {
 public:
  /// Throws acre::Error if it is none.
  explicit PackView(const channel::OwnedMessage& message);

  std::uint32_t count() const noexcept { return head_.count; }
  /// Of the first one; the indices of the others follow its own.
  const task::TaskHead& head() const noexcept { return head_; }
  /// Throws acre::Error if there is no such item.
  ByteView arguments_of(std::uint32_t item) const {
    if (head_.count == 1 && item == 0) return arguments_;
    if (item >= head_.count) throw_short();
    const std::uint32_t begin = item == 0 ? 0 : end_of(item - 1), end = end_of(item);
    if (begin > end || end > arguments_.size()) throw_overlap();
    return arguments_.subspan(begin, end - begin);
  }

 private:
  [[noreturn]] static void throw_short();
  [[noreturn]] static void throw_overlap();
  std::uint32_t end_of(std::uint32_t item) const noexcept {
    std::uint32_t end = 0;
    std::memcpy(&end, ends_.data() + sizeof end * std::size_t{item}, sizeof end);
    return end;
  }
  task::TaskHead head_;
  ByteView ends_, arguments_;
};

}  // namespace acre::node

// What waits to be dealt: by priority, then longest first as far as is known, then in order.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include <acre/schedule/chunk_table.hpp>
#include <acre/schedule/task_table.hpp>

namespace acre::schedule {

/// Ready chunks (dealt before and given back) and fresh ranges, in lists by key: 16 priorities, and in each
/// 64 classes of expected time, two per doubling from 1 µs on. Of one key, what was given back goes first,
/// the latest of it foremost; then fresh ranges, first come first served. Not thread-safe; never blocks;
/// throws when memory runs out. Every operation takes constant time.
class ReadyQueue {
 public:
  struct Front {
    bool is_chunk = false;  ///< or else a range
    std::uint32_t index = nothing;
  };

  /// The key of a range; smaller ones are dealt first. `priority` must be from lowest_ to highest_priority.
  static std::uint16_t key_of(int priority, Duration expected);
  /// Is one key of a higher priority than the other one?
  static bool more_urgent(std::uint16_t key, std::uint16_t than) { return key / classes < than / classes; }

  bool empty() const { return used_priorities_ == 0; }
  /// The queue must not be empty.
  Front front() const;

  void push(TaskTable& tasks, std::uint32_t task);
  void erase(TaskTable& tasks, std::uint32_t task);
  void push(ChunkTable& chunks, std::uint32_t chunk, std::uint16_t key);
  void erase(ChunkTable& chunks, std::uint32_t chunk, std::uint16_t key);

  std::size_t memory_bytes() const { return lists_.capacity() * sizeof(Lists); }
  /// Calls `visit` with each list of chunks, list of ranges and their key; aborts if the marks of used keys
  /// are wrong.
  template <class Visit>
  void check(Visit visit) const;

 private:
  static constexpr std::uint32_t classes = 64, priorities = 16;
  static constexpr std::uint16_t plain_key = 7 * classes + classes - 1;  ///< priority 0, no expected time
  struct Lists {
    List chunks, ranges;
    bool empty() const { return chunks.size == 0 && ranges.size == 0; }
  };

  Lists& lists(std::uint16_t key);
  const Lists& lists(std::uint16_t key) const { return key == plain_key ? plain_ : lists_[key]; }
  void note(std::uint16_t key);

  Lists plain_;
  std::vector<Lists> lists_;  ///< by key, once there is another one than the plain one
  std::array<std::uint64_t, priorities> used_classes_{};
  std::uint32_t used_priorities_ = 0;
};

inline ReadyQueue::Front ReadyQueue::front() const {
  // The last bit is no other if the queue is not empty, and keeps g++ from seeing an index out of bounds.
  const std::uint32_t last_priority = 1u << (priorities - 1);
  const auto priority = static_cast<std::uint32_t>(std::countr_zero(used_priorities_ | last_priority));
  const auto rank = static_cast<std::uint32_t>(std::countr_zero(used_classes_[priority]));
  const Lists& first = lists(static_cast<std::uint16_t>(priority * classes + rank));
  if (first.chunks.size != 0) return {true, first.chunks.head};
  return {false, first.ranges.head};
}

inline ReadyQueue::Lists& ReadyQueue::lists(std::uint16_t key) {
  if (key == plain_key) return plain_;
  if (lists_.empty()) lists_.resize(std::size_t{classes} * priorities);
  return lists_[key];
}

/// Keeps the marks of used keys true after a change.
inline void ReadyQueue::note(std::uint16_t key) {
  const std::uint32_t priority = key / classes;
  const std::uint64_t bit = std::uint64_t{1} << key % classes;
  std::uint64_t& used = used_classes_[priority];
  used = lists(key).empty() ? used & ~bit : used | bit;
  const std::uint32_t priority_bit = 1u << priority;
  used_priorities_ = used == 0 ? used_priorities_ & ~priority_bit : used_priorities_ | priority_bit;
}

template <class Visit>
void ReadyQueue::check(Visit visit) const {
  for (std::uint32_t key = 0; key < classes * priorities; ++key) {
    const auto at = static_cast<std::uint16_t>(key);
    const bool used = (used_classes_[key / classes] >> key % classes & 1) != 0;
    const bool priority_used = (used_priorities_ >> key / classes & 1) != 0;
    ACRE_CHECK(priority_used == (used_classes_[key / classes] != 0), "used priorities are known");
    if (at != plain_key && lists_.empty()) {
      ACRE_CHECK(!used, "only keys with lists are used");
      continue;
    }
    ACRE_CHECK(used != lists(at).empty(), "used keys are known");
    visit(lists(at).chunks, lists(at).ranges, at);
  }
}

}  // namespace acre::schedule

#include <algorithm>
#include <bit>

#include <acre/schedule/events.hpp>
#include <acre/schedule/ready_queue.hpp>

namespace acre::schedule {

std::uint16_t ReadyQueue::key_of(int priority, Duration expected) {
  ACRE_CHECK(priority >= lowest_priority && priority <= highest_priority, "a priority is one of sixteen");
  const std::int64_t microseconds = expected.count() / 1024;
  std::int64_t length = 0;  // twice the logarithm to base 2
  if (microseconds > 0) {
    const int octave = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(microseconds))) - 1;
    const bool upper_half = octave > 0 && (microseconds >> (octave - 1) & 1) != 0;
    length = 1 + 2 * octave + (upper_half ? 1 : 0);
  }
  const std::int64_t rank = classes - 1 - std::min<std::int64_t>(length, classes - 1);
  return static_cast<std::uint16_t>(std::int64_t{highest_priority - priority} * classes + rank);
}

ReadyQueue::Front ReadyQueue::front() const {
  const auto priority = static_cast<std::uint32_t>(std::countr_zero(used_priorities_));
  const auto rank = static_cast<std::uint32_t>(std::countr_zero(used_classes_[priority]));
  const Lists& first = lists(static_cast<std::uint16_t>(priority * classes + rank));
  if (first.chunks.size != 0) return {true, first.chunks.head};
  return {false, first.ranges.head};
}

void ReadyQueue::push(TaskTable& tasks, std::uint32_t task) {
  const std::uint16_t key = tasks[task].key;
  push_back<&Task::links>(tasks, lists(key).ranges, task);
  note(key);
}

void ReadyQueue::erase(TaskTable& tasks, std::uint32_t task) {
  const std::uint16_t key = tasks[task].key;
  schedule::erase<&Task::links>(tasks, lists(key).ranges, task);
  note(key);
}

void ReadyQueue::push(ChunkTable& chunks, std::uint32_t chunk, std::uint16_t key) {
  push_front<&Chunk::links>(chunks, lists(key).chunks, chunk);
  note(key);
}

void ReadyQueue::erase(ChunkTable& chunks, std::uint32_t chunk, std::uint16_t key) {
  schedule::erase<&Chunk::links>(chunks, lists(key).chunks, chunk);
  note(key);
}

ReadyQueue::Lists& ReadyQueue::lists(std::uint16_t key) {
  if (key == plain_key) return plain_;
  if (lists_.empty()) lists_.resize(std::size_t{classes} * priorities);
  return lists_[key];
}

/// Keeps the marks of used keys true after a change.
void ReadyQueue::note(std::uint16_t key) {
  const std::uint32_t priority = key / classes;
  const std::uint64_t bit = std::uint64_t{1} << key % classes;
  std::uint64_t& used = used_classes_[priority];
  used = lists(key).empty() ? used & ~bit : used | bit;
  const std::uint32_t priority_bit = 1u << priority;
  used_priorities_ = used == 0 ? used_priorities_ & ~priority_bit : used_priorities_ | priority_bit;
}

}  // namespace acre::schedule

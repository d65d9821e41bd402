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

}  // namespace acre::schedule

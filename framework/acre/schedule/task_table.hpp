// What the scheduler knows of a submission as a whole: a range of tasks, often a single one.
#pragma once

#include <cstdint>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/links.hpp>

namespace acre::schedule {

/// A range. Its tasks before `next` have been split off in chunks, those before `end` are fresh: never dealt.
struct Task {
  TaskId id{};
  Links links;  ///< in the ready queue, while there are fresh tasks
  Duration expected{}, timeout{};
  List chunks;  ///< those with tasks of this range that have not ended
  std::uint32_t next = 0, end = 0;
  std::uint32_t undone = 0;  ///< tasks that have not ended; 0: the slot is free
  std::uint32_t chunk = 0;   ///< tasks to deal together at most; 0: as is best
  std::uint16_t max_attempts = 1, used = 0, strikes = 0;
  std::uint16_t key = 0;  ///< in the ready queue

  std::uint32_t fresh() const { return end - next; }
};
static_assert(sizeof(Task) <= 80);

/// Ranges by slot, in blocks: growing moves nothing and takes no more than is needed. A value; throws when
/// memory runs out.
class TaskTable {
 public:
  Task& operator[](std::uint32_t slot) { return blocks_[slot / block_size][slot % block_size]; }
  const Task& operator[](std::uint32_t slot) const { return blocks_[slot / block_size][slot % block_size]; }
  std::uint32_t slots() const { return static_cast<std::uint32_t>(blocks_.size()) * block_size; }

  /// Makes room for the slot and all before it.
  void reach(std::uint32_t slot) {
    while (slot / block_size >= blocks_.size()) blocks_.emplace_back(block_size);
  }

  std::size_t memory_bytes() const {
    return blocks_.capacity() * sizeof(Block) + blocks_.size() * block_size * sizeof(Task);
  }

 private:
  using Block = std::vector<Task>;
  static constexpr std::uint32_t block_size = 128;
  std::vector<Block> blocks_;
};

}  // namespace acre::schedule

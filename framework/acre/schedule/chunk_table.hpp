// Chunks: tasks of one range that are, or were, dealt together; and which of them have ended.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <acre/base/ids.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/links.hpp>

namespace acre::schedule {

/// Where a chunk is on its way; detached only within a step.
enum class Phase : std::uint8_t { detached, ready, delayed, dealt };
/// The list that it is in. At a member: open if some of its tasks could be recalled, or else shut.
enum class ChunkList : std::uint8_t { none, ready, delayed, open, shut };

/// Consecutive tasks of a range, since they were dealt together for the first time.
struct Chunk {
  std::uint32_t generation = 0;  ///< counts the deals of this slot
  std::uint32_t task = nothing;  ///< slot of the range; nothing if unwanted
  std::uint32_t first = 0, count = 0;
  std::uint32_t undone = 0;        ///< tasks of it that have not ended
  std::uint32_t member = nothing;  ///< where it was dealt to
  std::uint32_t asked = 0;         ///< tasks that are being recalled
  std::uint32_t twin = nothing;    ///< its copy, or what it is the copy of
  std::uint16_t used = 0;          ///< attempts of its tasks so far
  std::uint16_t strikes = 0;       ///< of these: attempts that killed their worker
  Phase phase = Phase::detached;
  ChunkList list = ChunkList::none;
  bool started : 1 = false;       ///< at least its first task that has not ended runs
  bool asking : 1 = false;        ///< a recall has not been answered in full
  bool solid : 1 = false;         ///< cannot be recalled
  bool copy : 1 = false;          ///< repeats a task of its twin; not counted
  bool unwanted : 1 = false;      ///< what it repeats has ended; it only keeps a worker busy
  bool cancelled : 1 = false;     ///< end its tasks instead of starting them again
  bool if_unstarted : 1 = false;  ///< not cancelled any more once it has started
  bool kill : 1 = false;          ///< kill the worker once it has started
  bool timed_out : 1 = false;     ///< its worker is killed for what it runs of it
  bool aged : 1 = false;          ///< is in the list of started chunks
  Links links;                    ///< in the list of its kind
  Links siblings;                 ///< among the chunks of its range
  Links age;                      ///< among started chunks, if speculating
  Instant since;                  ///< when it started or last finished a task
  std::uint64_t done = 0;  ///< bit per ended task; with more than 64 of them: place of their bitmap, from 1
};
static_assert(sizeof(Chunk) <= 96);

/// How many tasks of a chunk at a member are not known to have started.
inline std::uint32_t unstarted(const Chunk& chunk) {
  return chunk.undone - std::min<std::uint32_t>(chunk.undone, chunk.started ? 1 : 0);
}

/// The chunks of one scheduler by slot; slots and bitmaps are used again. A value; throws when memory runs
/// out.
class ChunkTable {
 public:
  /// Tasks in a row, by their place in the chunk.
  struct Run {
    std::uint32_t first = 0, count = 0;
  };

  Chunk& operator[](std::uint32_t slot) { return chunks_[slot]; }
  const Chunk& operator[](std::uint32_t slot) const { return chunks_[slot]; }
  std::uint32_t slots() const { return static_cast<std::uint32_t>(chunks_.size()); }

  /// A chunk of these tasks, in no list; references into the table become invalid.
  std::uint32_t make(std::uint32_t task, std::uint32_t first, std::uint32_t count);
  void free(std::uint32_t slot);

  /// The first tasks in a row from `from` on, before `end`, that have not ended; a count of 0 if there are
  /// none.
  Run next_undone(const Chunk& chunk, std::uint32_t from, std::uint32_t end) const;
  /// Notes that tasks which had not ended have.
  void mark(Chunk& chunk, std::uint32_t first, std::uint32_t count);

  std::size_t memory_bytes() const;
  /// Aborts unless the chunk's bits agree with its counts.
  void check(const Chunk& chunk) const;

 private:
  using Bitmap = std::vector<std::uint64_t>;
  static constexpr std::uint32_t word_bits = 64;
  std::uint64_t word(const Chunk& chunk, std::uint32_t index) const;

  std::vector<Chunk> chunks_;
  std::vector<Bitmap> bitmaps_;
  std::vector<std::uint32_t> free_chunks_, free_bitmaps_;
};

}  // namespace acre::schedule

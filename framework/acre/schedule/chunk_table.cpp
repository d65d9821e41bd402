#include <algorithm>
#include <bit>

#include <acre/schedule/chunk_table.hpp>

namespace acre::schedule {

namespace {

constexpr std::uint64_t all_bits = ~std::uint64_t{0};

/// The bits from `first` to before `end`, which may be 64.
std::uint64_t bits(std::uint32_t first, std::uint32_t end) {
  const std::uint64_t below_end = end == 64 ? all_bits : (std::uint64_t{1} << end) - 1;
  return below_end & (all_bits << first);
}

}  // namespace

std::uint32_t ChunkTable::make(std::uint32_t task, std::uint32_t first, std::uint32_t count) {
  if (free_chunks_.empty()) {
    free_chunks_.push_back(slots());
    chunks_.emplace_back();
  }
  const std::uint32_t slot = free_chunks_.back();
  free_chunks_.pop_back();
  const std::uint32_t generation = chunks_[slot].generation;
  Chunk& chunk = chunks_[slot] = {};
  chunk.generation = generation;
  chunk.task = task;
  chunk.first = first;
  chunk.count = chunk.undone = count;
  return slot;
}

void ChunkTable::free(std::uint32_t slot) {
  const Chunk& chunk = chunks_[slot];
  if (chunk.count > word_bits && chunk.done != 0) {
    free_bitmaps_.push_back(static_cast<std::uint32_t>(chunk.done - 1));
  }
  free_chunks_.push_back(slot);
}

std::uint64_t ChunkTable::word(const Chunk& chunk, std::uint32_t index) const {
  return chunk.count <= word_bits ? chunk.done : bitmaps_[chunk.done - 1][index];
}

ChunkTable::Run ChunkTable::next_undone(const Chunk& chunk, std::uint32_t from, std::uint32_t end) const {
  end = std::min(end, chunk.count);
  if (from >= end || chunk.undone == 0) return {from, 0};
  if (chunk.undone == chunk.count) return {from, end - from};
  // A word at a time: first to where bits are zero, then to where they are not.
  const auto seek = [&](std::uint32_t at, std::uint64_t flip) {
    while (at < end) {
      const std::uint64_t found = (word(chunk, at / word_bits) ^ flip) & (all_bits << at % word_bits);
      at = at / word_bits * word_bits + static_cast<std::uint32_t>(std::countr_zero(found));
      if (found != 0) break;
    }
    return std::min(at, end);
  };
  const std::uint32_t first = seek(from, all_bits);
  return {first, seek(first, 0) - first};
}

void ChunkTable::mark(Chunk& chunk, std::uint32_t first, std::uint32_t count) {
  chunk.undone -= count;
  if (chunk.count <= word_bits) {
    chunk.done |= bits(first, first + count);
    return;
  }
  if (chunk.undone == 0 && chunk.done == 0) return;  // nobody will ask which
  if (chunk.done == 0) {
    if (free_bitmaps_.empty()) {
      free_bitmaps_.push_back(static_cast<std::uint32_t>(bitmaps_.size()));
      bitmaps_.emplace_back();
    }
    chunk.done = std::uint64_t{free_bitmaps_.back()} + 1;
    free_bitmaps_.pop_back();
    bitmaps_[chunk.done - 1].assign(chunk.count / word_bits + 1, 0);
  }
  Bitmap& bitmap = bitmaps_[chunk.done - 1];
  for (std::uint32_t at = first; at < first + count;) {
    const std::uint32_t index = at / word_bits, end = std::min(first + count, (index + 1) * word_bits);
    bitmap[index] |= bits(at % word_bits, end - index * word_bits);
    at = end;
  }
}

std::size_t ChunkTable::memory_bytes() const {
  std::size_t bytes = chunks_.capacity() * sizeof(Chunk) + bitmaps_.capacity() * sizeof(Bitmap);
  bytes += (free_chunks_.capacity() + free_bitmaps_.capacity()) * sizeof(std::uint32_t);
  for (const Bitmap& bitmap : bitmaps_) bytes += bitmap.capacity() * sizeof(std::uint64_t);
  return bytes;
}

void ChunkTable::check(const Chunk& chunk) const {
  std::uint32_t undone = 0;
  for (Run run{0, 0};; run.first += run.count) {
    run = next_undone(chunk, run.first, chunk.count);
    if (run.count == 0) break;
    undone += run.count;
  }
  ACRE_CHECK(undone == chunk.undone, "a chunk's bits tell how many of its tasks have not ended");
}

}  // namespace acre::schedule

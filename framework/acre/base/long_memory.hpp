// Memory of long byte buffers, which may be more than memory: what other processes map, say.
#pragma once

#include <cstddef>

namespace acre {

/// Buffers of so many bytes have memory that begins behind a LongMemory.
inline constexpr std::size_t least_long = std::size_t{256} << 10;
/// How far behind the beginning of its LongMemory: what vector instructions want.
inline constexpr std::size_t long_memory_offset = 64;

/// What stands in front of the memory of a long buffer, private to the process.
struct LongMemory {
  void (*give_back)(LongMemory& memory) noexcept = nullptr;  ///< when the buffer needs it no more

  /// That of a buffer, from where its bytes begin.
  static LongMemory& of(void* bytes) noexcept {
    return *reinterpret_cast<LongMemory*>(static_cast<std::byte*>(bytes) - long_memory_offset);
  }
  /// Where the bytes begin.
  std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(this) + long_memory_offset; }
};

/// Where long buffers of a thread get their memory while a FromSource says so.
class LongSource {
 public:
  virtual ~LongSource() = default;
  /// Memory for so many bytes, or null: then it comes from where all memory does. Any thread.
  virtual LongMemory* take(std::size_t size) noexcept = 0;
};

/// As long as it lives, this thread's long buffers get their memory from `source`, unless that is null.
class FromSource {
 public:
  /// From now on. Any thread.
  explicit FromSource(LongSource* source) noexcept;
  FromSource(const FromSource&) = delete;
  FromSource& operator=(const FromSource&) = delete;
  ~FromSource();

 private:
  LongSource* before_;
};

/// Memory for a long buffer, and back. Any thread; throws std::bad_alloc.
void* allocate_long(std::size_t size);
void free_long(void* bytes) noexcept;

/// From so many bytes on malloc maps what it gives out, whatever it has learnt.
inline constexpr std::size_t always_mapped = std::size_t{32} << 20;
/// Tells the system that all of this memory, of always_mapped bytes at least, will be written: then it comes
/// in huge pages, where there are such, as 4 KiB at a time cost ten times what writing them does.
void expect_to_fill_mapped(void* memory, std::size_t size) noexcept;
/// The same for new memory of any size.
inline void expect_to_fill(void* memory, std::size_t size) noexcept {
  if (size > always_mapped) expect_to_fill_mapped(memory, size);
}

}  // namespace acre

// Where encodings are written to: the end of a byte buffer that somebody else owns.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#include <acre/base/bytes.hpp>

namespace acre::wire {

static_assert(std::endian::native == std::endian::little, "acre: encodings are little-endian memory images.");

/// How deep records may be nested in each other; a linked list of records reaches it, a balanced tree does
/// not.
inline constexpr int max_nesting = 256;

/// Appends encodings to a buffer, which must outlive it. One thread at a time; nothing blocks; throws for
/// want of memory. What was appended before an exception stays in the buffer.
class Writer {
 public:
  /// Appends to `out`, which must outlive it, and so must the source that it has memory from once it is long.
  explicit Writer(Bytes& out, LongSource* source = nullptr) noexcept : out_(out), source_(source) {}

  /// Appends `count` bytes from `from`, which may be null if there are none.
  void append(const void* from, std::size_t count);
  /// Appends the memory of a number.
  template <class T>
  void number(T value) {
    const std::size_t at = out_.size();
    if (sizeof value > out_.capacity() - at) grow(sizeof value);
    out_.resize(at + sizeof value);
    std::memcpy(out_.data() + at, &value, sizeof value);
  }
  /// Appends the length of what follows, as u64.
  void length(std::size_t count) { number(std::uint64_t{count}); }

  /// Bytes in the buffer, with those that were there before.
  std::size_t size() const noexcept { return out_.size(); }
  /// Puts pieces of the buffer in order of their bytes. Piece i reaches from starts[i] to the next one's
  /// start, the last one to the end. So containers without an order have one encoding.
  void sort_pieces(std::span<const std::size_t> starts);

  /// Counts a level of nested records; throws acre::Error beyond max_nesting.
  void enter();
  /// The end of what enter() began.
  void leave() noexcept { --depth_; }

 private:
  void grow(std::size_t more);
  Bytes& out_;
  LongSource* source_;
  int depth_ = 0;
};

/// One level of nested records, for as long as it lives; `Side` is a Writer or a Reader.
template <class Side>
class Nesting {
 public:
  /// Enters a level; throws as Side::enter.
  explicit Nesting(Side& side) : side_(side) { side_.enter(); }
  ~Nesting() { side_.leave(); }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  Side& side_;
};

}  // namespace acre::wire

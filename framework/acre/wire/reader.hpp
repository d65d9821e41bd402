// Where encodings are read from: bytes that may be damaged or hostile, so nothing in them is believed
// unchecked.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include <acre/base/bytes.hpp>
#include <acre/base/error.hpp>
#include <acre/wire/writer.hpp>

namespace acre::wire {

/// These bytes are not an encoding of what was to be read.
class DecodeError : public Error {
 public:
  using Error::Error;
};

/// Reads encodings from the front of a view, whose bytes must outlive it. One thread at a time; nothing
/// blocks; every reading function throws DecodeError if the bytes do not hold what is asked for.
class Reader {
 public:
  /// Reads `view`, whose bytes must outlive it.
  explicit Reader(ByteView view) noexcept : left_(view) {}

  /// Bytes not read yet.
  std::size_t remaining() const noexcept { return left_.size(); }
  /// The next `count` bytes, as a view into what is read.
  ByteView bytes(std::size_t count) {
    if (count > left_.size()) throw_short(count);
    const ByteView front = left_.first(count);
    left_ = left_.subspan(count);
    return front;
  }
  /// Copies the next `count` bytes to `to`, which may be null if there are none.
  void copy(void* to, std::size_t count) {
    const ByteView from = bytes(count);
    if (count != 0) copy_memory(to, from.data(), count);
  }
  /// A number from its memory; every bit pattern must be a value of T.
  template <class T>
  T number() {
    T value;
    copy(&value, sizeof value);
    // What is read may lie in memory that others can write: what is checked must be what is used.
    if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::uint64_t)) __asm__("" : "+r"(value));
    return value;
  }
  /// The length of what follows, in elements of at least `least` bytes (not 0); never more than the bytes
  /// left can hold, so it is safe to allocate for.
  std::size_t length(std::size_t least) {
    const auto count = number<std::uint64_t>();
    if (count > left_.size() / least) throw_length(count);
    return static_cast<std::size_t>(count);
  }
  /// Throws DecodeError unless everything was read.
  void expect_end() const {
    if (!left_.empty()) throw_trailing();
  }

  /// Counts a level of nested records; throws DecodeError beyond max_nesting.
  void enter();
  /// The end of what enter() began.
  void leave() noexcept { --depth_; }

 private:
  [[noreturn]] void throw_short(std::size_t count) const;
  [[noreturn]] void throw_length(std::uint64_t count) const;
  [[noreturn]] void throw_trailing() const;

  ByteView left_;
  int depth_ = 0;
};

}  // namespace acre::wire

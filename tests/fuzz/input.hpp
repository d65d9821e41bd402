// The bytes that a fuzzer makes up, taken off piece by piece.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <acre/base/bytes.hpp>

namespace acre::test {

/// Reads a fuzzer's input; where it ends, all that follows is zero.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const std::byte*>(data), size) {}

  bool empty() const { return left_.empty(); }
  template <class T>
  T number() {
    T value{};
    const ByteView from = bytes(sizeof value);
    std::memcpy(&value, from.data(), from.size());
    return value;
  }
  /// So many bytes, or as many as are left.
  ByteView bytes(std::size_t most) {
    const ByteView taken = left_.first(std::min(most, left_.size()));
    left_ = left_.subspan(taken.size());
    return taken;
  }
  ByteView rest() { return bytes(left_.size()); }

 private:
  ByteView left_;
};

}  // namespace acre::test

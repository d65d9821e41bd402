// A buffer for what is mostly short.
#pragma once

#include <algorithm>
#include <array>

#include <acre/base/bytes.hpp>

namespace acre {

/// Bytes of which few need no memory of their own. Not thread-safe; throws when memory runs out.
class FewBytes {
 public:
  /// A copy of these.
  void assign(ByteView bytes) {
    clear();
    if (bytes.size() > few_.size()) return append(many_, bytes);
    std::copy(bytes.begin(), bytes.end(), few_.begin());
    count_ = bytes.size();
  }
  /// These, taken over.
  void assign(Bytes&& bytes) {
    if (bytes.size() <= few_.size()) return assign(ByteView(bytes));
    clear();
    many_ = std::move(bytes);
  }
  /// None any more.
  void clear() noexcept {
    count_ = 0;
    many_ = Bytes();  // {} would keep the memory
  }
  /// What there is, until it is changed.
  ByteView view() const noexcept { return many_.empty() ? ByteView(few_).first(count_) : ByteView(many_); }

 private:
  std::array<std::byte, 16> few_;  ///< what there is, if it fits
  std::size_t count_ = 0;          ///< of these
  Bytes many_;                     ///< or else all of it
};

}  // namespace acre

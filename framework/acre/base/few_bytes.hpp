// A buffer for what is mostly short.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <acre/base/bytes.hpp>

namespace acre {

/// Bytes of which few need no memory of their own. Not thread-safe; throws when memory runs out.
class FewBytes {
 public:
  /// A copy of these.
  void assign(ByteView bytes) {
    if (bytes.size() > few_.size()) return assign(copy_of(bytes));
    many_.reset();
    std::copy(bytes.begin(), bytes.end(), few_.begin());
    count_ = static_cast<std::uint8_t>(bytes.size());
  }
  /// These, taken over.
  void assign(Bytes&& bytes) {
    if (bytes.size() <= few_.size()) return assign(ByteView(bytes));
    many_ = std::make_unique<const Bytes>(std::move(bytes));
  }
  /// None any more.
  void clear() noexcept {
    count_ = 0;
    many_.reset();
  }
  /// What there is, until it is changed.
  ByteView view() const noexcept {
    return many_ == nullptr ? ByteView(few_).first(count_) : ByteView(*many_);
  }

 private:
  std::array<std::byte, 23> few_;      ///< what there is, if it fits
  std::uint8_t count_ = 0;             ///< of these
  std::unique_ptr<const Bytes> many_;  ///< or else all of it
};

}  // namespace acre

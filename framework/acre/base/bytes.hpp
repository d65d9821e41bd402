// Byte buffers that do not zero what is about to be overwritten.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace acre {

/// std::allocator, but value-less construction leaves the bytes as they are (resize() costs nothing).
template <class T>
struct UninitializedAllocator : std::allocator<T> {
  /// The same for another type, as containers ask for it.
  template <class U>
  struct rebind {
    /// That allocator.
    using other = UninitializedAllocator<U>;
  };
  using std::allocator<T>::allocator;
  /// Leaves the memory as it is.
  template <class U>
  void construct(U*) noexcept {}
  /// Makes a U of the arguments.
  template <class U, class... Args>
  void construct(U* at, Args&&... args) {
    ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
  }
};

/// A buffer whose resize() costs nothing.
using Bytes = std::vector<std::byte, UninitializedAllocator<std::byte>>;
/// A view of bytes that somebody else owns.
using ByteView = std::span<const std::byte>;

/// The object representation of a trivially copyable object, as a view that lives as long as the object.
template <class T>
ByteView bytes_of(const T& object) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_bytes(std::span(&object, 1));
}

/// Appends a copy of bytes that are not in the buffer. std::vector would copy them one by one.
inline void append(Bytes& buffer, ByteView bytes) {
  const std::size_t size = buffer.size();
  buffer.resize(size + bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.data() + size, bytes.data(), bytes.size());
}

/// A copy of bytes, made as append() does.
inline Bytes copy_of(ByteView bytes) {
  Bytes copy;
  append(copy, bytes);
  return copy;
}

/// A view of the characters of a string-like object, as bytes.
inline ByteView bytes_of_text(std::span<const char> text) noexcept { return std::as_bytes(text); }

}  // namespace acre

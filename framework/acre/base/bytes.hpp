// Byte buffers that do not zero what is about to be overwritten.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <acre/base/copy_memory.hpp>
#include <acre/base/long_memory.hpp>

namespace acre {

/// std::allocator, but value-less construction leaves the bytes as they are (resize() costs nothing), and
/// long buffers have a LongMemory.
template <class T>
struct UninitializedAllocator : std::allocator<T> {
  /// The same for another type, as containers ask for it.
  template <class U>
  struct rebind {
    /// That allocator.
    using other = UninitializedAllocator<U>;
  };
  using std::allocator<T>::allocator;
  /// Memory for so many; throws std::bad_alloc.
  T* allocate(std::size_t count) {
    if (count < least_long / sizeof(T)) return std::allocator<T>::allocate(count);
    return static_cast<T*>(allocate_long(count * sizeof(T)));
  }
  /// Gives back what allocate() gave for so many.
  void deallocate(T* at, std::size_t count) noexcept {
    if (count < least_long / sizeof(T)) return std::allocator<T>::deallocate(at, count);
    free_long(at);
  }
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

/// Moves the buffer to memory with room for so many bytes more, and as many again as it has. std::vector
/// would move them one by one. Throws std::bad_alloc.
void move_for(Bytes& buffer, std::size_t more);

/// Makes the buffer longer by so many bytes, whatever they are.
inline void lengthen(Bytes& buffer, std::size_t more) {
  if (more > buffer.capacity() - buffer.size()) move_for(buffer, more);
  buffer.resize(buffer.size() + more);
}

/// Appends a copy of bytes that are not in the buffer. std::vector would copy them one by one.
inline void append(Bytes& buffer, ByteView bytes) {
  const std::size_t size = buffer.size();
  lengthen(buffer, bytes.size());
  if (!bytes.empty()) copy_memory(buffer.data() + size, bytes.data(), bytes.size());
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

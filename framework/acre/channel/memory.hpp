// Anonymous shared memory: memfd, so that nothing has a name and nothing is left behind.
#pragma once

#include <cstddef>

#include <acre/channel/descriptor.hpp>

namespace acre::channel {

/// Shared memory of a fixed, sealed size. Throws acre::Error.
Descriptor create_memory(const char* name, std::size_t size);

/// A memfd that holds `bytes`; how large messages travel: its descriptor is sent, its pages are shared.
Descriptor create_blob(ByteView bytes);

/// A memfd that holds `bytes` from `offset` on, which nobody can change any more.
Descriptor create_sealed(ByteView bytes, std::size_t offset);

/// An owned mapping of part of a descriptor. Move-only.
class Mapping {
 public:
  Mapping() noexcept = default;
  /// Maps [offset, offset + size), readable and writable, shared; offset and size are multiples of the page
  /// size.
  static Mapping shared(int fd, std::size_t offset, std::size_t size);
  /// Maps the first `size` bytes to read them; an empty one maps nothing.
  static Mapping read_only(int fd, std::size_t size);
  /// Maps the same `size` bytes twice in a row, so that a ring's messages are contiguous wherever they wrap.
  static Mapping twice(int fd, std::size_t offset, std::size_t size);
  Mapping(Mapping&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(at_, other.at_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping();

  std::byte* data() const noexcept { return static_cast<std::byte*>(at_); }
  /// Processes forked from now on do not have it.
  void keep_from_forks() const noexcept;
  /// Puts private memory, all zero, where the mapping was; ends the process if the system has none.
  void make_private() const noexcept;

 private:
  Mapping(void* at, std::size_t size) noexcept : at_(at), size_(size) {}
  void* at_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace acre::channel

// An owned file descriptor, and whole reads and writes on one.
#pragma once

#include <utility>

#include <acre/base/bytes.hpp>

namespace acre::channel {

/// Owns one file descriptor and closes it. Move-only; not thread-safe.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// The same file under a high number, where a program that closes or reuses low ones does not meet it; as it
/// was if that cannot be. Does not throw.
Descriptor out_of_the_way(Descriptor descriptor) noexcept;

/// Writes all of `bytes` at the descriptor's position. May block; throws acre::Error naming `what`.
void write_all(int fd, ByteView bytes, const char* what);

/// Reads exactly `size` bytes from `offset`. May block; throws acre::Error naming `what` if fewer are there.
Bytes read_exactly(int fd, std::size_t offset, std::size_t size, const char* what);
void read_exactly(int fd, std::size_t offset, std::span<std::byte> into, const char* what);

}  // namespace acre::channel

// An open file descriptor with checked calls; every Error names the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <acre/base/bytes.hpp>

namespace acre::campaign {

/// Owns one descriptor. Reads and writes may block on the disk; all throw acre::Error unless marked noexcept.
class PosixFile {
 public:
  PosixFile() = default;
  PosixFile(PosixFile&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  /// open(2) with O_CLOEXEC; `doing` begins the sentence of the Error ("cannot create the journal").
  static PosixFile open(const std::string& path, int flags, const std::string& doing);

  int fd() const noexcept { return fd_; }
  const std::string& path() const noexcept { return path_; }
  std::uint64_t size() const;
  /// Up to `size` bytes from `offset`; fewer only at the end of the file.
  std::size_t read(std::uint64_t offset, std::byte* into, std::size_t size) const;
  /// All of `bytes` at `offset`; returns 0, or the errno of the first failure.
  int write(std::uint64_t offset, ByteView bytes) noexcept;
  void truncate(std::uint64_t size);
  void sync();

 private:
  PosixFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_ = -1;
};

/// Makes a created or renamed name durable: fsync of its directory. Blocks; throws acre::Error.
void sync_directory_of(const std::string& path);

}  // namespace acre::campaign

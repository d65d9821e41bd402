// A file as bytes in memory, read as they are looked at.
#pragma once

#include <string>

#include <acre/base/bytes.hpp>

namespace acre::observe {

/// Maps a file for reading. The file must not get shorter meanwhile. Immutable, so safe from any thread.
class MappedFile {
 public:
  /// Throws acre::Error if it cannot be read or is no ordinary file.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  ByteView bytes() const noexcept { return bytes_; }

 private:
  ByteView bytes_;
};

}  // namespace acre::observe

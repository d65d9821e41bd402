// SHA-256 by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <acre/base/bytes.hpp>

namespace acre::campaign {

/// One running SHA-256. Each object for one thread at a time; does not block; throws acre::Error if libcrypto
/// refuses SHA-256.
class Sha256 {
 public:
  using Digest = std::array<std::byte, 32>;

  Sha256();
  void update(ByteView bytes);
  void update(std::string_view text) { update(bytes_of_text(text)); }
  /// The digest of all bytes so far; the object starts anew.
  Digest finish();

 private:
  struct Free {
    void operator()(void* context) const noexcept;
  };
  void restart();

  std::unique_ptr<void, Free> context_;
};

/// Lower-case hexadecimal digits. Pure.
std::string hex(ByteView bytes);

}  // namespace acre::campaign

// Copying bytes that are mostly those of one number.
#pragma once

#include <cstdint>
#include <cstring>

#include <acre/base/bytes.hpp>

namespace acre {

/// std::memcpy, without a call if there are as many bytes as in most arguments and results. Any thread.
inline void copy_bytes(std::byte* to, ByteView from) noexcept {
  if (from.size() == sizeof(std::uint64_t))
    std::memcpy(to, from.data(), sizeof(std::uint64_t));
  else if (!from.empty())
    std::memcpy(to, from.data(), from.size());
}

}  // namespace acre

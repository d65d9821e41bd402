#include <algorithm>
#include <cstring>

#include <acre/observe/event_frame.hpp>

namespace acre::observe {

std::uint32_t event_checksum(ByteView payload, std::uint64_t offset) noexcept {
  std::uint64_t sum = offset;
  while (!payload.empty()) {
    const std::size_t size = std::min(payload.size(), sizeof sum);
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data(), size);
    payload = payload.subspan(size);
    sum = (sum ^ word) * 0x9e3779b97f4a7c15;  // an odd number: no two words become one
    sum ^= sum >> 32;
  }
  return static_cast<std::uint32_t>(sum);
}

}  // namespace acre::observe

// The frame around each part of an event log; its layout is told in event_log.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include <acre/base/bytes.hpp>
#include <acre/observe/event_log.hpp>
#include <acre/observe/event_records.hpp>

namespace acre::observe {

ACRE_RECORD(EventLogHeader, policy, rank, executor, begin_wall_ns)

/// Bytes before the first frame.
inline constexpr std::size_t preamble_size = event_log_magic.size() + sizeof event_log_version;

/// What stands before a payload.
struct FrameHead {
  std::uint32_t length = 0;
  std::uint32_t inverted = 0;  ///< ~length: a damaged length is told from a torn tail
  std::uint32_t checksum = 0;
};

/// The checksum of the payload of the frame at `offset` of the file. It misses damage once in 2^32 and costs
/// a tenth of a CRC for payloads as short as these. Pure.
std::uint32_t event_checksum(ByteView payload, std::uint64_t offset) noexcept;

}  // namespace acre::observe

// The journal's bytes: a header, then frames [u32 crc][u32 length][u8 kind][payload], all little-endian. The
// CRC-32 covers length, kind and payload and is seeded by the frame's own offset, so a frame is valid in its
// place only.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <acre/base/bytes.hpp>
#include <acre/campaign/posix_file.hpp>
#include <acre/campaign/record.hpp>

namespace acre::campaign {

static_assert(std::endian::native == std::endian::little,
              "the journal is written as the machine has it in memory");

inline constexpr std::string_view journal_magic = "acrejnl\n";
inline constexpr std::uint32_t journal_version = 1;
inline constexpr std::size_t journal_header_size = 12;
inline constexpr std::size_t frame_header_size = 9;

/// `synced` says that all bytes before the offset in its payload had reached the disk: damage there is no
/// torn tail.
enum class FrameKind : std::uint8_t { identity = 1, build, stage, host, row, synced };

/// Appends a frame whose CRC is still missing. Pure.
void put_identity(Bytes& out, const Identity& identity);
void put_stage(Bytes& out, const StageInfo& stage);
void put_text(Bytes& out, FrameKind kind, std::string_view text);
void put_row(Bytes& out, const Row& row, std::uint32_t host, std::uint32_t build);
void put_synced(Bytes& out, std::uint64_t offset);

/// Fills in the CRCs of whole frames that will stand at `offset` of the file. Pure.
void seal(Bytes& frames, std::size_t from, std::uint64_t offset);

/// Read a payload; throw acre::Error if it is malformed. The row's views point into the payload; `host` is
/// its number in the journal, the row's own host stays empty.
Identity get_identity(ByteView payload);
StageInfo get_stage(ByteView payload);
std::string get_text(ByteView payload);
Row get_row(ByteView payload, std::uint32_t& host);
std::uint64_t get_synced(ByteView payload);

/// One intact frame; the payload lives until the next one is read.
struct Frame {
  FrameKind kind;
  ByteView payload;
  std::uint64_t next = 0;  ///< offset of the frame after this one
};

/// Reads frames through a window, so that neighbours cost no system call. One thread at a time.
class FrameReader {
 public:
  FrameReader(const PosixFile& file, std::size_t window_size) : file_(&file), window_size_(window_size) {}
  /// The frame at `offset`, none if it is not wholly intact before `end`.
  std::optional<Frame> at(std::uint64_t offset, std::uint64_t end);
  /// Whether an intact `synced` frame in [from, end) vouches for the byte at `from`.
  bool vouched_for(std::uint64_t from, std::uint64_t end);

 private:
  ByteView bytes(std::uint64_t offset, std::uint64_t size, std::uint64_t end);

  const PosixFile* file_;
  std::size_t window_size_;
  std::uint64_t start_ = 0;
  Bytes window_;
};

}  // namespace acre::campaign

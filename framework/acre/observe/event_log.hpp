// The event log: everything that happened to one scheduler of a run and what it decided, as a file that can
// be replayed. Magic, version (u32), then frames; the first one holds an EventLogHeader, each other one a
// step. A frame is [u32 length][u32 ~length][u32 checksum][payload], little-endian. The checksum is seeded by
// the frame's offset, so a frame is valid in its place only. A step is packed: the time since the step
// before, the event, the number of actions, the actions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <acre/base/bytes.hpp>
#include <acre/base/time.hpp>
#include <acre/schedule/events.hpp>
#include <acre/schedule/policy.hpp>

namespace acre::observe {

inline constexpr std::string_view event_log_magic = "acreevt\n";
inline constexpr std::uint32_t event_log_version = 2;

/// Which scheduler a log tells of.
struct EventLogHeader {
  schedule::Policy policy;
  std::int32_t rank = 0;
  std::uint32_t executor = 0;
  std::int64_t begin_wall_ns = 0;  ///< nanoseconds since 1970 in UTC
};

/// The file for a scheduler in the folder of a run: "<folder>/rank<rank>-executor<executor>.events". Pure.
std::string event_log_path(const std::string& folder, std::int32_t rank, std::uint32_t executor);

/// Writes one log, through a buffer of 64 KiB. One thread at a time; blocks to write to the file only.
class EventLog {
 public:
  /// Creates the file, and its folder if need be. Throws acre::Error if it exists or cannot be created.
  EventLog(const std::string& path, const schedule::Policy& policy, std::int32_t rank,
           std::uint32_t executor);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Adds a step: what happened at `now` and all that the scheduler answered. Does not throw: if the file
  /// cannot be written, that is said once and the log ends there.
  void record(Instant now, const schedule::Event& event, std::span<const schedule::Action> actions) noexcept;

  /// Hands all steps so far to the system. Does not throw.
  void flush() noexcept;

 private:
  void append(Instant now, const schedule::Event& event, std::span<const schedule::Action> actions);
  void seal(std::size_t at) noexcept;
  void give_up(const std::string& why) noexcept;

  std::string path_;
  int fd_ = -1;  ///< -1: given up
  Bytes buffer_;
  std::uint64_t last_ns_ = 0;  ///< the time of the step before; unsigned, so that differences may wrap
  std::uint64_t written_ = 0;  ///< bytes of the file before the buffer's
};

}  // namespace acre::observe

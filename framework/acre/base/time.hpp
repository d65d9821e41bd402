// Durations and instants as plain numbers, so that pure code can be driven by literals.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace acre {

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// A point on the monotonic clock of one machine, in nanoseconds; never compared between machines.
struct Instant {
  std::int64_t ns = 0;  ///< since an unspecified moment

  /// Later than every other.
  static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
  /// By time.
  friend constexpr auto operator<=>(Instant,
                                    Instant) = default;  // NOLINT(modernize-use-nullptr): a 0 of its own
  /// So much later.
  friend constexpr Instant operator+(Instant at, Duration by) { return {at.ns + by.count()}; }
  /// So much earlier.
  friend constexpr Instant operator-(Instant at, Duration by) { return {at.ns - by.count()}; }
  /// The time from `b` to `a`.
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }
};

/// The monotonic clock now. Local; any thread; does not block; does not throw.
Instant now() noexcept;

/// Nanoseconds since 1970 in UTC, for people and provenance. Local; any thread; does not throw.
std::int64_t wall_clock_ns() noexcept;

/// A wall clock time as ISO 8601 in UTC, to the second: "2026-01-31T12:00:00Z". Any thread.
std::string utc_text(std::int64_t wall_ns);

}  // namespace acre

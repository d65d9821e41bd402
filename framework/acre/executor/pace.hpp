// When a map deals what it has read: read together, items can be dealt in chunks, but no worker waits for a
// slow source.
#pragma once

#include <algorithm>
#include <cstdint>

#include <acre/base/time.hpp>

namespace acre::executor {

/// Decides by the times that it is told. The clock costs as much as a small item, so it is looked at once for
/// a few of them while they come quickly, and after each one of a slow source. Pure.
class Pace {
 public:
  /// Nothing is gathered yet.
  void begin(Instant at) noexcept { begun_ = looked_ = at; }
  /// Items to read until the clock must be looked at.
  std::uint32_t items() const noexcept { return left_; }
  /// So many of them were read: must it be now?
  bool must_look(std::uint32_t read) noexcept {
    left_ -= std::min(left_, read);
    return left_ == 0;
  }
  /// It was: have the items been gathered for long enough?
  bool look(Instant at) noexcept {
    constexpr Duration quick = gathering_time / (4 * most_unlooked);
    step_ = at - looked_ < step_ * quick ? std::min(2 * step_, most_unlooked) : 1;
    left_ = step_;
    looked_ = at;
    return at - begun_ >= gathering_time;
  }

 private:
  static constexpr std::uint32_t most_unlooked = 8;
  static constexpr Duration gathering_time = std::chrono::microseconds(200);

  Instant begun_, looked_;
  std::uint32_t step_ = 1, left_ = 1;
};

}  // namespace acre::executor

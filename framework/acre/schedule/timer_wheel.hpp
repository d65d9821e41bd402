// Timers in constant time: a hierarchical timing wheel (Varghese and Lauck, SOSP 1987).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <acre/base/time.hpp>
#include <acre/schedule/links.hpp>

namespace acre::schedule {

/// One timer per index, to about a millisecond: none fires early. Not thread-safe; never blocks; throws when
/// memory runs out. Memory grows with the largest index that was ever set.
class TimerWheel {
 public:
  /// Sets the timer, or moves it. `when` may be in the past.
  void set(std::uint32_t index, Instant when);
  /// Stops the timer if it is set.
  void clear(std::uint32_t index);
  bool is_set(std::uint32_t index) const { return index < nodes_.size() && nodes_[index].slot != nothing; }

  /// Moves the wheel to `now` and takes out one timer that is due; `nothing` if none is. To be called until
  /// then.
  std::uint32_t next_due(Instant now);

  /// A moment at which to call next_due(): when the first timer is due, or before; never if none is set.
  Instant next() const;

  std::uint32_t size() const { return size_; }
  std::size_t memory_bytes() const;

 private:
  /// A tick is 2^20 ns; a level has 64 slots, and a slot spans all of the level below.
  static constexpr std::uint32_t tick_bits = 20, slot_bits = 6, slots = 64;
  static constexpr std::uint32_t levels = 8;
  struct Node {
    Links links;
    std::uint32_t slot = nothing;  ///< level * slots + place
    std::int64_t tick = 0;         ///< when it is due
  };
  struct Place {
    std::uint32_t level = nothing, slot = nothing;
    std::int64_t tick = 0;  ///< when it begins
  };

  void insert(std::uint32_t index);
  void remove(std::uint32_t index);
  Place first() const;

  std::vector<Node> nodes_;
  std::vector<List> lists_;  ///< by slot; empty until the first timer is set
  std::array<std::uint64_t, levels> used_{};
  std::int64_t tick_ = 0;  ///< all before it have fired
  std::uint32_t size_ = 0;
};

}  // namespace acre::schedule

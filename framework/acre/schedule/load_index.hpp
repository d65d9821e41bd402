// Who has the least and who the most to do: members sorted by load per worker, in constant time.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <acre/schedule/links.hpp>

namespace acre::schedule {

/// Members in buckets of about equal load per worker: eight buckets below one task per worker, one for
/// exactly one task per worker, then eight per doubling, where what waits counts by the member's speed. So
/// "has an idle worker" and "has more tasks than workers" are exact, and what is least or most is so to
/// within an eighth; among equals, whoever came there first, but of those that have nothing to do whoever has
/// done most lately: its caches are warm, and it is still awake. Not thread-safe; never blocks; throws only
/// when memory runs out.
class LoadIndex {
 public:
  /// The speed of a member as fast as the average; one of half that speed has twice the load to come.
  static constexpr std::uint32_t normal_speed = 16;

  /// Enters the member or moves it to where its new load belongs.
  void place(std::uint32_t member, std::uint32_t load, std::uint32_t workers,
             std::uint32_t speed = normal_speed);

  /// The member must be here.
  void remove(std::uint32_t member);

  /// The member with the least and the most load per worker, or `nothing` if there are none.
  std::uint32_t least() const;
  std::uint32_t most() const;

  /// Is this member in the bucket of this load?
  bool is_placed(std::uint32_t member, std::uint32_t load, std::uint32_t workers,
                 std::uint32_t speed = normal_speed) const;

  /// Is this member anywhere here?
  bool holds(std::uint32_t member) const {
    return member < nodes_.size() && nodes_[member].bucket != nothing;
  }

  std::size_t memory_bytes() const { return nodes_.capacity() * sizeof(Node); }

  /// Aborts unless all buckets are sound; returns how many members there are.
  std::uint32_t check() const;

 private:
  static constexpr std::uint32_t bucket_count = 128;
  struct Node {
    Links links;
    std::uint32_t bucket = nothing;
  };

  static std::uint32_t bucket_of(std::uint64_t load, std::uint64_t workers, std::uint64_t speed);

  std::vector<Node> nodes_;
  std::array<List, bucket_count> buckets_;
  std::array<std::uint64_t, bucket_count / 64> used_{};  ///< one bit per bucket that is not empty
};

}  // namespace acre::schedule

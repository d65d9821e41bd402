// What a task may know about itself.
#pragma once

#include <cstdint>

#include <acre/random/random.hpp>

namespace acre {

/// Injected as a leading parameter `acre::Context&`. Local to the attempt; used from the task's thread.
class Context {
 public:
  Context(std::uint64_t index, int attempt, std::uint64_t key)
      : random_(key, index), index_(index), key_(key), attempt_(attempt) {}

  /// Index of the task: its place in the map, or the order of its submit.
  std::uint64_t index() const noexcept { return index_; }
  /// Number of this attempt, from 1.
  int attempt() const noexcept { return attempt_; }
  /// The task's random stream: the same for a task whatever worker, attempt or order.
  Random& random() noexcept { return random_; }
  /// The key of that stream, for bulk generators that take (key, index).
  std::uint64_t key() const noexcept { return key_; }

 private:
  Random random_;
  std::uint64_t index_, key_;
  int attempt_;
};

}  // namespace acre

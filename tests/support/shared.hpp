// Counters that a test and its tasks share: how they tell each other things, and wait for them, without
// sleeping.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace acre::test {

/// A number in a page that all processes of this program map together, forked ones and fresh starts. Any
/// thread, any process.
class Counter {
 public:
  void add(std::uint32_t n = 1);
  std::uint32_t get() const { return value_.load(); }
  void set(std::uint32_t value);
  /// Waits until the number is at least this. Blocks; ends the process with words after 30 s.
  void await(std::uint32_t at_least);

 private:
  std::atomic<std::uint32_t> value_;
};

inline constexpr std::size_t counters = 64;

/// One of the shared counters, 0 … counters − 1; all zero when the program starts.
Counter& shared(std::size_t number);

/// Sets all of them to zero.
void reset_shared();

}  // namespace acre::test

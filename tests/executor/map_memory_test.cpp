// A map takes constant memory, however long its range is.
#include <unistd.h>

#include <cstdint>
#include <fstream>

#include <gtest/gtest.h>

#include "executor/ranges.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {

constexpr std::uint64_t warm_up = 100'000, many = 500'000;

std::uint64_t twice(std::uint64_t x) { return 2 * x; }

/// Resident memory of this process, in bytes.
std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

/// Reads all results; how much resident memory has grown since the first ones.
template <class R>
std::int64_t growth_over(R results) {
  std::uint64_t seen = 0, sum = 0;
  std::int64_t before = 0;
  for (const std::uint64_t value : results) {
    if (++seen == warm_up) before = resident_bytes();
    sum += value;
  }
  EXPECT_EQ(seen, many);
  EXPECT_EQ(sum, many * (many - 1));
  return resident_bytes() - before;
}

TEST(MapMemory, does_not_grow_with_the_number_of_items) {
  Executor executor = session().executor({.workers = 2});
  constexpr std::int64_t window = 4 << 20;  // of 32 Ki small tasks; all of them would take 16 MB and more
  EXPECT_LE(growth_over(executor.map<twice>(CountUp(many))), window);
  EXPECT_LE(growth_over(executor.map_unordered<twice>(CountUp(many))), window);
  EXPECT_LE(resident_bytes(), std::int64_t{100} << 20);
}

}  // namespace
}  // namespace acre::test

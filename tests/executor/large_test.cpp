// Values beyond 2^31 bytes, for which no length on their way may be too narrow.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "support/session.hpp"

namespace acre::test {
namespace {

using Blob = std::vector<std::uint8_t>;
constexpr std::size_t size = 2'200'000'000, wanted_kib = 14 * std::size_t{1024} * 1024;

std::size_t available_kib() {
  std::ifstream file("/proc/meminfo");
  for (std::string name; file >> name; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
    if (std::size_t kib = 0; name == "MemAvailable:" && file >> kib) return kib;
  return 0;
}

class Large : public testing::Test {
 protected:
  void SetUp() override {
    if (available_kib() < wanted_kib) GTEST_SKIP() << "it needs 14 GiB of free memory";
  }
};

Blob make(std::size_t bytes) { return Blob(bytes, 7); }
std::pair<std::size_t, int> look(const Blob& blob) {
  return {blob.size(), blob.front() + blob[blob.size() / 2] + blob.back()};
}

TEST_F(Large, arguments_of_2_gigabytes_arrive) {
  Executor executor = session().executor({.workers = 1});
  Blob blob(size, 1);
  blob.back() = 5;
  EXPECT_EQ(executor.submit<look>(blob).get(), std::pair(size, 7));
}

TEST_F(Large, results_of_2_gigabytes_arrive) {
  Executor executor = session().executor({.workers = 1});
  const Blob blob = executor.submit<make>(size).get();
  EXPECT_EQ(blob.size(), size);
  EXPECT_EQ(std::count(blob.begin(), blob.end(), 7), static_cast<std::ptrdiff_t>(size));
}

}  // namespace
}  // namespace acre::test

#include "support/shared.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>

#include <acre/base/time.hpp>
#include <acre/launch/environment.hpp>

namespace acre::test {
namespace {
using Page = std::array<Counter, counters>;
constexpr const char* variable = "TEST_COUNTERS";  // the process that made the page, and its descriptor

// Of this program's own process: a program that it starts as a test has counters of its own.
int open_made_before() {
  const launch::Environment environment = launch::read_environment();
  const std::string* place = launch::find(environment, variable);
  if (place == nullptr) return -1;
  const std::string process = "/proc/" + place->substr(0, place->find(' '));
  std::error_code none;
  const auto program = std::filesystem::read_symlink(process + "/exe", none);
  if (program != std::filesystem::read_symlink("/proc/self/exe", none)) return -1;
  return ::open((process + "/fd/" + place->substr(place->find(' ') + 1)).c_str(), O_RDWR | O_CLOEXEC);
}

int make() {
  const int memory = ::memfd_create("test-counters", MFD_CLOEXEC);
  if (memory < 0 || ::ftruncate(memory, sizeof(Page)) != 0) std::abort();
  ::setenv(variable, (std::to_string(::getpid()) + " " + std::to_string(memory)).c_str(), 1);
  return memory;
}

// Made before main, so that all processes of this program map the same page: those that are forked, and those
// that are started afresh, which find it by the variable. All zero is how counters begin.
Page& page() {
  static Page* const at = [] {
    const int made_before = open_made_before();
    const int memory = made_before < 0 ? make() : made_before;
    void* mapped = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (mapped == MAP_FAILED) std::abort();
    return std::launder(static_cast<Page*>(mapped));
  }();
  return *at;
}
[[maybe_unused]] const Page& made_before_main = page();
}  // namespace

void Counter::add(std::uint32_t n) {
  value_.fetch_add(n);
  ::syscall(SYS_futex, &value_, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Counter::set(std::uint32_t value) {
  value_.store(value);
  ::syscall(SYS_futex, &value_, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void Counter::await(std::uint32_t at_least) {
  const Instant deadline = now() + std::chrono::seconds(30);
  for (std::uint32_t seen = value_.load(); seen < at_least; seen = value_.load()) {
    if (now() > deadline) {
      std::fprintf(stderr, "a counter stands at %u, and %u did not come in time\n", seen, at_least);
      std::abort();
    }
    const timespec limit{1, 0};
    ::syscall(SYS_futex, &value_, FUTEX_WAIT, seen, &limit, nullptr, 0);
  }
}

Counter& shared(std::size_t number) { return page().at(number); }

void reset_shared() {
  for (Counter& counter : page()) counter.set(0);
}

}  // namespace acre::test

#include "support/shared.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <acre/base/time.hpp>

namespace acre::test {
namespace {
using Page = std::array<Counter, counters>;

// Made before main, so that the zygote and all of its descendants map the same page.
Page& page() {
  static Page* const at = [] {
    void* memory = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    return ::new (memory) Page{};
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

#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

// The other forms of new and delete end up in these two. Sanitizers have their own, so nothing is counted
// under them.
#ifndef ACRE_BENCH_KEEPS_NEW
void* operator new(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace bench {
std::uint64_t allocations_so_far() noexcept { return allocations.load(std::memory_order_relaxed); }
}  // namespace bench

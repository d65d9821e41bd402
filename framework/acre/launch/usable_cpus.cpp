#include <sched.h>

#include <cstddef>

#include <acre/launch/usable_cpus.hpp>

namespace acre::launch {

int usable_cpus() noexcept {
  constexpr int most = 8192;
  const std::size_t size = CPU_ALLOC_SIZE(most);
  cpu_set_t* saved = CPU_ALLOC(most);
  cpu_set_t* wide = CPU_ALLOC(most);
  int count = 0;
  if (::sched_getaffinity(0, size, saved) == 0) {
    CPU_ZERO_S(size, wide);
    for (int cpu = 0; cpu < most; ++cpu) CPU_SET_S(static_cast<std::size_t>(cpu), size, wide);
    ::sched_setaffinity(0, size, wide);  // the kernel keeps those that exist and are granted
    ::sched_getaffinity(0, size, wide);
    count = CPU_COUNT_S(size, wide);
    ::sched_setaffinity(0, size, saved);
  }
  CPU_FREE(saved);
  CPU_FREE(wide);
  return count;
}

}  // namespace acre::launch

// Prints what this process's cgroups grant it: CPUs, bytes of memory, and how many workers one of 64 CPUs
// gets.
#include <cstdio>

#include <acre/launch/cpus.hpp>
#include <acre/launch/node_memory.hpp>

int main() {
  const acre::launch::CgroupTexts texts = acre::launch::read_cgroup_texts();
  const auto quota = acre::launch::cpu_quota(texts);
  std::printf("%g CPUs, %.0f bytes, %d workers\n", quota.value_or(-1),
              static_cast<double>(acre::launch::cgroup_memory_bytes(texts).value_or(0)),
              acre::launch::default_workers({}, {.allowed_cpus = 64, .quota_cpus = quota}));
}

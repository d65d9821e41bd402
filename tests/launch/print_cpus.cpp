// Prints the CPUs this process may run on, one a line: what a test looks at under taskset.
#include <cstdio>

#include <acre/launch/cpus.hpp>

int main() {
  for (const int cpu : acre::launch::allowed_cpus()) std::printf("%d\n", cpu);
}

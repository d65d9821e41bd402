#include <acre/executor/executor.hpp>
#include <vector>

int task(int item);
acre::Executor make();

void program() {
#ifdef ACRE_CONTROL
  acre::Executor executor = make();
  executor.map_outcomes<task>(std::vector<int>{1}, {.chunk = 1});
#else
  make().map_outcomes<task>(std::vector<int>{1}, acre::MapOptions{.chunk = 1});
#endif
}

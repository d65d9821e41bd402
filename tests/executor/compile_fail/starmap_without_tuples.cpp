#include <acre/executor/executor.hpp>
#include <utility>
#include <vector>

int task(int first, int second);

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.starmap<task>(std::vector<std::pair<int, int>>{{1, 2}});
#else
  executor.starmap<task>(std::vector<int>{1, 2});
#endif
}

#include <acre/executor/executor.hpp>
#include <vector>

int task(int first, int second);

void program(acre::Executor& executor) {
  const std::vector<int> items{1, 2};
#ifdef ACRE_CONTROL
  executor.map<task>(items, items);
#else
  executor.map<task>(items, items, items);
#endif
}

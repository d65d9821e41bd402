#include <acre/executor/executor.hpp>
#include <vector>

int task(int item);
acre::Executor make();

void program() {
#ifdef ACRE_CONTROL
  acre::Executor executor = make();
  executor.map<task>(std::vector<int>{1});
#else
  make().map<task>(std::vector<int>{1});
#endif
}

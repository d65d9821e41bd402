#include <acre/executor/executor.hpp>

int task(int a, int b);

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<task>(1, 2);
#else
  executor.submit<task>(1);
#endif
}

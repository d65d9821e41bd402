#include <acre/executor/executor.hpp>

struct Unnamed {
  int a = 0, b = 0;
};
#ifdef ACRE_CONTROL
ACRE_RECORD(Unnamed, a, b)
#endif
int task(const Unnamed& value);

void program(acre::Executor& executor) { executor.submit<task>(Unnamed{}); }

#include <acre/executor/executor.hpp>
#include <string>

int task(int a);

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<task>(1);
#else
  executor.submit<task>(std::string("one"));
#endif
}

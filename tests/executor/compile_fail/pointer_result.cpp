#include <acre/executor/executor.hpp>
#include <span>
#include <vector>

#ifdef ACRE_CONTROL
using Result = int;
#else
using Result = int*;
#endif
Result task();

void program(acre::Executor& executor) { executor.submit<task>(); }

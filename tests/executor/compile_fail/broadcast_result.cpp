#include <acre/executor/executor.hpp>

#ifdef ACRE_CONTROL
using Result = int;
#else
using Result = std::vector<acre::Broadcast<int>>;
#endif
Result task();

void program(acre::Executor& executor) { executor.submit<task>(); }

#include <acre/executor/executor.hpp>
#include <span>
#include <vector>

#ifdef ACRE_CONTROL
using Result = std::vector<int>;
#else
using Result = std::vector<std::span<int>>;
#endif
Result task();

void program(acre::Executor& executor) { executor.submit<task>(); }

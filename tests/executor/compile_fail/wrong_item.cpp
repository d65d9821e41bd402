#include <acre/executor/executor.hpp>
#include <string>
#include <vector>

#ifdef ACRE_CONTROL
int task(const std::string& item);
#else
int task(int item);
#endif

void program(acre::Executor& executor) { executor.map<task>(std::vector<std::string>{"one"}); }

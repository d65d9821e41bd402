#include <acre/executor/executor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#ifdef ACRE_CONTROL
int task(const int& value);
#else
int task(int& value);
#endif

void program(acre::Executor& executor, int value) {
#ifdef ACRE_CONTROL
  executor.submit<task>(value);
#else
  executor.submit<task>(value);
#endif
}

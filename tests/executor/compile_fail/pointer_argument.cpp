#include <acre/executor/executor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#ifdef ACRE_CONTROL
int task(int value);
#else
int task(const int* pointer);
#endif

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<task>(1);
#else
  executor.submit<task>(static_cast<const int*>(nullptr));
#endif
}

#include <acre/executor/executor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#ifdef ACRE_CONTROL
int task(std::vector<int> values);
#else
int task(std::span<const int> values);
#endif

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<task>(std::vector<int>{});
#else
  executor.submit<task>(std::vector<int>{});
#endif
}

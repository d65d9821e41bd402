#include <acre/executor/executor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#ifdef ACRE_CONTROL
int task(std::string text);
#else
int task(std::string_view text);
#endif

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<task>("text");
#else
  executor.submit<task>("text");
#endif
}

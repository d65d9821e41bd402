#include <acre/executor/executor.hpp>

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit([](int x) { return x; }, 1);
#else
  executor.submit([](auto x) { return x; }, 1);
#endif
}

#include <acre/executor/executor.hpp>

void program(acre::Executor& executor, int captured) {
#ifdef ACRE_CONTROL
  executor.submit([](int x) { return x; }, captured);
#else
  executor.submit([captured] { return captured; });
#endif
}

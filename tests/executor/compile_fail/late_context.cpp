#include <acre/executor/executor.hpp>

#ifdef ACRE_CONTROL
int task(acre::Context& context, int size);
#else
int task(int size, acre::Context& context);
#endif

void program(acre::Executor& executor) { executor.submit<task>(1); }

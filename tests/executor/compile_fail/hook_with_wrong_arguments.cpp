#include <acre/task/invoke.hpp>

int build(int size);

#ifdef ACRE_CONTROL
acre::Hook make() { return acre::hook<build>(1); }
#else
acre::Hook make() { return acre::hook<build>(); }
#endif

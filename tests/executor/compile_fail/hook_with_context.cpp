#include <acre/task/invoke.hpp>

#ifdef ACRE_CONTROL
int build(int size);
#else
int build(acre::Context& context, int size);
#endif

acre::Hook make() { return acre::hook<build>(1); }

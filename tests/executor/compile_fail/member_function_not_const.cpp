#include <acre/executor/executor.hpp>
#include <acre/wire/record.hpp>

struct Counter {
  int count = 0;
  int add(int more) { return count += more; }
  int sum(int more) const { return count + more; }
};
ACRE_RECORD(Counter, count)

void program(acre::Executor& executor) {
#ifdef ACRE_CONTROL
  executor.submit<&Counter::sum>(Counter{}, 1);
#else
  executor.submit<&Counter::add>(Counter{}, 1);
#endif
}

#include <acre/executor/executor.hpp>
#include <acre/wire/record.hpp>
#include <vector>

struct Sum {
#ifdef ACRE_CONTROL
  std::vector<double> values;
#else
  const double* values = nullptr;
#endif
  double operator()(int places) const { return values[0] * places; }
};
ACRE_RECORD(Sum, values)

void program(acre::Executor& executor) { executor.submit(Sum{}, 1); }

#include "executor/same_name.hpp"

static int same_name(int x) { return 10 * x + 2; }

namespace acre::test {

Future<int> submit_same_name_there(Executor& executor) { return executor.submit<same_name>(1); }

Future<int> submit_lambda_there(Executor& executor) {
  return executor.submit([](int x) { return 100 * x + 2; }, 1);
}

}  // namespace acre::test

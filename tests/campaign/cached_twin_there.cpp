#include "campaign/cached_twins.hpp"

static int twin(int x) { return 2 * x; }

namespace acre::test {

int twin_there(const Cache& cache, const std::string& name) { return cached<twin>(cache, name)(1); }

int lambda_there(const Cache& cache, const std::string& name) {
  return cached<[](int x) { return 20 * x; }>(cache, name)(1);
}

}  // namespace acre::test

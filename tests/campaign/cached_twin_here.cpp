#include "campaign/cached_twins.hpp"

static int twin(int x) { return 1 * x; }

namespace acre::test {

int twin_here(const Cache& cache, const std::string& name) { return cached<twin>(cache, name)(1); }

int lambda_here(const Cache& cache, const std::string& name) {
  return cached<[](int x) { return 10 * x; }>(cache, name)(1);
}

}  // namespace acre::test

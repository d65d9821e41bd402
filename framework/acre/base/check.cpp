#include <cstdio>
#include <cstdlib>

#include <acre/base/check.hpp>

namespace acre {

void check_failed(const char* file, int line, const char* condition, const char* why) noexcept {
  std::fprintf(stderr, "acre: bug at %s:%d: %s does not hold: %s\n", file, line, condition, why);
  std::abort();
}

}  // namespace acre

#include <cstdio>

#include <acre/observe/say.hpp>

namespace acre::observe {

void say(std::string_view sentence) noexcept {
  std::fflush(stdout);
  std::fprintf(stderr, "acre: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
}

}  // namespace acre::observe

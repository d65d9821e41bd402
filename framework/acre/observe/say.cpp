#include <cstdio>

#include <acre/observe/say.hpp>

namespace acre::observe {

void say(std::string_view sentence) noexcept {
  std::fflush(stdout);
  std::fprintf(stderr, "acre: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
}

void pass_on(std::string_view text) noexcept { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace acre::observe

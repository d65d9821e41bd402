// The only file that reads the environment.
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/launch/environment.hpp>

namespace acre::launch {
namespace {
bool makes_a_rank(std::string_view name) {
  return name.starts_with("OMPI_") || name.starts_with("PMIX_") || name.starts_with("PMI_") ||
         name == "SLURM_STEP_ID";
}
}  // namespace

Environment read_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

const std::string* find(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : &found->second;
}

std::optional<int> find_integer(const Environment& environment, std::string_view name, int at_least) {
  const std::string* text = find(environment, name);
  if (text == nullptr) return std::nullopt;
  int value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, problem] = std::from_chars(text->data(), end, value);
  if (problem != std::errc{} || stop != end || value < at_least) {
    throw Error(fmt::format("the environment variable {} is \"{}\", but must be {} integer", name, *text,
                            at_least > 0 ? "a positive" : "a non-negative"));
  }
  return value;
}

std::optional<std::string> take_variable(const char* name) {
  const char* value = ::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string taken = value;
  ::unsetenv(name);
  return taken;
}

std::vector<std::string> without_launcher_variables(const Environment& environment) {
  std::vector<std::string> kept;
  for (const auto& [name, value] : environment) {
    if (!makes_a_rank(name)) kept.push_back(name + "=" + value);
  }
  return kept;
}

}  // namespace acre::launch

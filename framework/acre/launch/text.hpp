// Taking apart what the kernel and Slurm write.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace acre::launch {

/// Takes the text before the next `separator` off the front of `rest`, and the separator with it. Any thread.
inline std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

/// The integer that `text` is; nothing if it is anything else, or has more after it. Any thread.
inline std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return value;
}

/// The smaller one of two limits, of which either may be missing. Any thread.
template <class Number>
std::optional<Number> tighter(std::optional<Number> a, std::optional<Number> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

}  // namespace acre::launch

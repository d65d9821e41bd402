#include <algorithm>
#include <array>

#include "rules.hpp"

namespace style {
namespace {
constexpr std::size_t most_lines = 400;
constexpr std::size_t most_columns = 110;

/// Characters of UTF-8 text: bytes that do not continue one.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_prose(std::string_view path) { return path.ends_with(".md"); }

/// Whether `line` holds four or more in a row of a character that comments are boxed with.
bool has_banner(std::string_view line) {
  for (const char* banner : {"////", "====", "----", "****", "####", "~~~~"}) {
    if (line.find(banner) != std::string_view::npos) return true;
  }
  return false;
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

bool has_whole(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_letter(line[at - 1])) && (end == line.size() || !is_letter(line[end]))) return true;
  }
  return false;
}

/// Adds `what` for each line that `is_wrong`.
template <class IsWrong>
Findings wrong_lines(const Source& source, std::string_view text, const std::string& what, IsWrong is_wrong) {
  Findings findings;
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_wrong(lines[i])) findings.push_back(at(source, i, what));
  }
  return findings;
}
}  // namespace

std::string at(const Source& source, std::size_t line_index, const std::string& what) {
  return source.path + ":" + std::to_string(line_index + 1) + ": " + what;
}

Findings files_are_short(const Source& source) {
  const std::size_t lines = lines_of(source.text).size();
  if (lines <= most_lines || is_prose(source.path)) return {};
  return {at(source, most_lines,
             std::to_string(lines) + " lines: split the file where it holds two ideas (400 at most)")};
}

Findings lines_are_short(const Source& source) {
  if (is_prose(source.path)) return {};
  return wrong_lines(source, source.text, "longer than 110 columns: break the line",
                     [](std::string_view line) { return columns_of(line) > most_columns; });
}

Findings blanks_are_plain(const Source& source) {
  Findings findings = wrong_lines(source, source.text, "a tab: use spaces", [](std::string_view line) {
    return line.find('\t') != std::string_view::npos;
  });
  const Findings trailing =
      wrong_lines(source, source.text, "blanks at the end of the line: delete them",
                  [](std::string_view line) { return line.ends_with(' ') || line.ends_with('\r'); });
  findings.insert(findings.end(), trailing.begin(), trailing.end());
  return findings;
}

Findings headers_have_pragma_once(const Source& source) {
  if (!is_header(source.path)) return {};
  const std::string code = without_comments_and_strings(source.text);
  if (std::ranges::count(lines_of(code), std::string_view("#pragma once")) == 1) return {};
  return {at(source, 0, "a header without one #pragma once: add it below the first comment")};
}

Findings comments_have_no_banners(const Source& source) {
  if (is_prose(source.path)) return {};
  const std::string comments = is_cpp(source.path) ? comments_only(source.text) : source.text;
  return wrong_lines(source, comments, "a banner: a comment is a sentence", [&source](std::string_view line) {
    return has_banner(line) && (is_cpp(source.path) || line.starts_with('#'));
  });
}

Findings nothing_is_left_open(const Source& source) {
  // Written apart, or this file would break its own rule.
  static const std::array<std::string, 3> marks{std::string("TO") + "DO", std::string("FIX") + "ME",
                                                std::string("XX") + "X"};
  return wrong_lines(source, source.text, "something left open: finish it, or put it into an issue",
                     [](std::string_view line) {
                       return std::ranges::any_of(marks,
                                                  [line](const auto& mark) { return has_whole(line, mark); });
                     });
}

Findings scripts_are_executable(const Source& source) {
  const bool is_program = source.text.starts_with("#!");
  if (is_program && !source.executable) return {at(source, 0, "a script that cannot be started: chmod +x")};
  if (!is_program && source.executable)
    return {at(source, 0, "executable, but no program: chmod -x, or add #!")};
  return {};
}

}  // namespace style

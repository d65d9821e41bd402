// A file of the tree, as the house rules look at it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace style {

/// A text file: its path below the top of the tree, and what is in it.
struct Source {
  std::string path;
  std::string text;
  bool executable = false;
};

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

/// C++ text with comments, and what is between quotes, blanked: columns and lines stay where they were.
std::string without_comments_and_strings(std::string_view text);

/// C++ text with only its comments left, the rest blanked.
std::string comments_only(std::string_view text);

/// Whether `path` is a C++ file.
bool is_cpp(std::string_view path);
bool is_header(std::string_view path);

/// Every text file that is ours: below apps, data, framework, scripts, tests and .ci, and at the top.
std::vector<Source> read_tree(const std::filesystem::path& top);

}  // namespace style

#include "source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

namespace style {
namespace {
namespace fs = std::filesystem;

/// Sorts each character of C++ text into code, comment or what is between quotes.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text), kinds_(text.size(), 'c') {}

  /// One letter per character: 'c' code, '/' comment, '"' between quotes.
  std::string run() {
    while (at_ < text_.size()) step();
    return kinds_;
  }

 private:
  void step() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) return mark('/', text_.find('\n', at_));
    if (rest.starts_with("/*")) return mark('/', after("*/", at_ + 2));
    if (rest.starts_with("R\"") && !in_word(at_)) return raw_string();
    const bool digit_separator = rest[0] == '\'' && in_word(at_);
    if ((rest[0] == '"' || rest[0] == '\'') && !digit_separator) return quoted(rest[0]);
    ++at_;
  }
  void quoted(char quote) {
    std::size_t end = ++at_;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
    mark('"', end);
    at_ = std::min(at_ + 1, text_.size());
  }
  void raw_string() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return mark('"', open);
    const std::string close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    at_ = open + 1;
    mark('"', text_.find(close, at_));
    at_ = std::min(at_ + close.size(), text_.size());
  }
  void mark(char kind, std::size_t end) {
    end = std::min(end, text_.size());
    std::fill(kinds_.begin() + static_cast<std::ptrdiff_t>(at_),
              kinds_.begin() + static_cast<std::ptrdiff_t>(end), kind);
    at_ = end;
  }
  std::size_t after(std::string_view close, std::size_t from) const {
    const std::size_t found = text_.find(close, from);
    return found == std::string_view::npos ? found : found + close.size();
  }
  bool in_word(std::size_t at) const {
    return at > 0 && (std::isalnum(static_cast<unsigned char>(text_[at - 1])) != 0 || text_[at - 1] == '_');
  }

  std::string_view text_;
  std::string kinds_;
  std::size_t at_ = 0;
};

std::string keep(std::string_view text, char kind) {
  const std::string kinds = Lexer(text).run();
  std::string kept(text);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kinds[i] != kind && kept[i] != '\n') kept[i] = ' ';
  }
  return kept;
}

bool is_ours(const fs::path& path) {
  static constexpr std::array<std::string_view, 8> kinds{".hpp", ".cpp", ".c",  ".cmake",
                                                         ".txt", ".sh",  ".py", ".md"};
  const std::string kind = path.extension();
  return std::ranges::find(kinds, kind) != kinds.end() || path.parent_path().filename() == ".ci" ||
         path.filename() == "CMakePresets.json" || kind == ".in" || kind == ".sbatch";
}

Source read(const fs::path& path, const fs::path& top) {
  std::ifstream file(path, std::ios::binary);
  const bool executable = (fs::status(path).permissions() & fs::perms::owner_exec) != fs::perms::none;
  return {path.lexically_relative(top), std::string(std::istreambuf_iterator<char>(file), {}), executable};
}
}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string without_comments_and_strings(std::string_view text) { return keep(text, 'c'); }
std::string comments_only(std::string_view text) { return keep(text, '/'); }

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }
bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cpp"); }

std::vector<Source> read_tree(const fs::path& top) {
  std::vector<Source> sources;
  for (const auto& entry : fs::directory_iterator(top)) {
    if (entry.is_regular_file() && is_ours(entry.path())) sources.push_back(read(entry.path(), top));
  }
  for (const char* folder : {"apps", "data", "framework", "scripts", "tests", ".ci"}) {
    if (!fs::exists(top / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      if (entry.is_regular_file() && is_ours(entry.path())) sources.push_back(read(entry.path(), top));
    }
  }
  std::ranges::sort(sources, {}, &Source::path);
  return sources;
}

}  // namespace style

#include "rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace style {
namespace {
constexpr std::array<std::string_view, 14> layers{"base",    "random",   "wire",     "schedule", "launch",
                                                  "channel", "task",     "observe",  "simulate", "node",
                                                  "cluster", "executor", "campaign", "session"};

/// The position of a layer in the order, lowest first; layers.size() for what is none.
std::size_t rank_of(std::string_view layer) {
  return static_cast<std::size_t>(std::ranges::find(layers, layer) - layers.begin());
}

/// The layer whose folder holds `path`; files directly in framework/acre are above all layers.
std::optional<std::string_view> layer_of(std::string_view path) {
  constexpr std::string_view root = "framework/acre/";
  if (!path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return path.substr(0, slash);
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// What an #include line names, with its bracket or quote in front: "<acre/base/ids.hpp" or "\"rules.hpp".
std::optional<std::string_view> included(std::string_view line) {
  if (!line.starts_with("#include ")) return std::nullopt;
  line.remove_prefix(std::string_view("#include ").size());
  return line.substr(0, line.find_first_of(">\"", 1));
}

/// Whether `line` has `word` as a whole word, not as a member of something (`x.word`, `x->word`). A word
/// ending in a parenthesis asks for a call.
bool has_word(std::string_view line, std::string_view word) {
  const bool call = word.ends_with('(');
  const std::string_view name = word.substr(0, word.size() - (call ? 1 : 0));
  for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const std::string_view before = line.substr(0, at);
    const std::string_view after = line.substr(at + name.size());
    const bool begins = before.empty() || !is_word_character(before.back());
    const bool member = before.ends_with('.') || before.ends_with("->");
    const bool ends = call ? after.starts_with('(') : after.empty() || !is_word_character(after.front());
    if (begins && ends && !member) return true;
  }
  return false;
}

/// Things that do harm when they are everywhere: where they may be, and what everybody else does instead.
struct Owner {
  std::vector<std::string_view> words;
  std::vector<std::string_view> places;
  std::string_view instead;
  bool only_to_terminal = false;
};

const std::vector<Owner>& owners() {
  static const std::vector<Owner> table{
      {{"fork(", "vfork(", "clone(", "clone3("},
       {"framework/acre/node/", "apps/bench/", "tests/"},
       "only node/ makes processes"},
      {{"getenv(", "secure_getenv(", "environ"},
       {"framework/acre/launch/", "tests/launch/"},
       "take it from acre::launch::Environment; only launch/ reads the environment"},
      {{"clock_gettime(", "gettimeofday(", "steady_clock::now(", "system_clock::now(",
        "high_resolution_clock::now("},
       {"framework/acre/base/clock.cpp"},
       "call acre::now() or acre::wall_clock_ns(); only base/clock.cpp reads the clock"},
      {{"printf(", "puts(", "putchar(", "perror(", "std::cout", "std::cerr", "std::clog", "fmt::print("},
       {"framework/acre/observe/", "framework/acre/base/check.cpp", "apps/", "tests/"},
       "return it or report it through observe/; only observe/ and apps/ write to the terminal"},
      {{"fprintf(", "fputs(", "fputc(", "fwrite("},
       {"framework/acre/observe/", "framework/acre/base/check.cpp", "apps/", "tests/"},
       "return it or report it through observe/; only observe/ and apps/ write to the terminal",
       true},
  };
  return table;
}

const std::vector<Owner>& header_owners() {
  static const std::vector<Owner> table{
      {{"mpi.h", "mpi-ext.h"},
       {"framework/acre/cluster/", "tests/cluster/"},
       "use acre::cluster; only cluster/ knows MPI"},
      {{"hdf5.h", "hdf5_hl.h", "H5public.h"},
       {"framework/acre/campaign/", "tests/campaign/"},
       "use acre::campaign; only campaign/ knows HDF5"},
  };
  return table;
}

bool may_be_in(const Owner& owner, const std::string& path) {
  return std::ranges::any_of(owner.places,
                             [&path](std::string_view place) { return path.starts_with(place); });
}

std::string sentence(const Owner& owner, std::string_view word) {
  return std::string(word) + " does not belong here: " + std::string(owner.instead);
}
}  // namespace

Findings layers_include_downwards(const Source& source) {
  Findings findings;
  const auto own = layer_of(source.path);
  if (!own || !is_cpp(source.path)) return findings;
  if (rank_of(*own) == layers.size()) {
    findings.push_back(
        at(source, 0, std::string(*own) + " has no place in the order of layers: give it one"));
  }
  const auto lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto name = included(lines[i]);
    if (!name || !name->substr(1).starts_with("acre/")) continue;
    const std::string_view other = name->substr(6, name->find('/', 6) - 6);
    if (rank_of(other) <= rank_of(*own)) continue;
    findings.push_back(at(source, i,
                          std::string(*own) + " must not include " + std::string(other) +
                              ", which is above it: move what is needed down, or its user up"));
  }
  return findings;
}

Findings own_headers_are_included_by_path(const Source& source) {
  Findings findings;
  if (!is_cpp(source.path)) return findings;
  const bool in_framework = source.path.starts_with("framework/");
  const auto lines = lines_of(source.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto name = included(lines[i]);
    if (!name || !name->starts_with('"')) continue;
    if (!in_framework && !name->starts_with("\"acre/") && !name->starts_with("\"../")) continue;
    findings.push_back(at(source, i, "include acre's headers as <acre/layer/file.hpp>"));
  }
  return findings;
}

Findings dangerous_things_have_one_owner(const Source& source) {
  Findings findings;
  if (!is_cpp(source.path)) return findings;
  const std::string code = without_comments_and_strings(source.text);
  const auto lines = lines_of(code);
  for (const Owner& owner : owners()) {
    if (may_be_in(owner, source.path)) continue;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (owner.only_to_terminal && !has_word(lines[i], "stdout") && !has_word(lines[i], "stderr")) continue;
      for (const std::string_view word : owner.words) {
        if (has_word(lines[i], word)) findings.push_back(at(source, i, sentence(owner, word)));
      }
    }
  }
  return findings;
}

Findings foreign_headers_have_one_owner(const Source& source) {
  Findings findings;
  if (!is_cpp(source.path)) return findings;
  const auto lines = lines_of(source.text);
  for (const Owner& owner : header_owners()) {
    if (may_be_in(owner, source.path)) continue;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto name = included(lines[i]);
      if (!name || std::ranges::find(owner.words, name->substr(1)) == owner.words.end()) continue;
      findings.push_back(at(source, i, sentence(owner, name->substr(1))));
    }
  }
  return findings;
}

}  // namespace style

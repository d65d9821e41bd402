// The table of the conformance suite and its tests tell the same.
#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "source.hpp"

namespace style {
namespace {

const std::vector<Source>& tree() {
  static const std::vector<Source> sources = read_tree(ACRE_SOURCE_DIR);
  return sources;
}

// "Suite.name" of each test of the suite.
std::set<std::string> tests() {
  const std::regex test(R"(\bTEST(?:_P|_F)?\((\w+),\s*(\w+)\))");
  std::set<std::string> names;
  for (const Source& source : tree()) {
    if (!source.path.starts_with("tests/conformance/") || !is_cpp(source.path)) continue;
    for (std::sregex_iterator at(source.text.begin(), source.text.end(), test), end; at != end; ++at)
      names.insert((*at)[1].str() + "." + (*at)[2].str());
  }
  return names;
}

struct Row {
  std::string original, test, verdict;
};

// The rows of "| original | `Suite.name` | verdict |".
std::vector<Row> rows() {
  const std::regex row(R"(\| *(.+?) *\| *`(\w+\.\w+)` *\| *(.+?) *\|)");
  const auto table = std::ranges::find(tree(), "tests/conformance/README.md", &Source::path);
  std::vector<Row> found;
  if (table == tree().end()) return found;
  for (const std::string_view line : lines_of(table->text)) {
    const std::string text(line);
    std::smatch cells;
    if (std::regex_match(text, cells, row)) found.push_back({cells[1], cells[2], cells[3]});
  }
  return found;
}

TEST(Conformance, EachTestHasARowAndEachRowATest) {
  std::set<std::string> listed;
  for (const Row& row : rows()) EXPECT_TRUE(listed.insert(row.test).second) << row.test << " is listed twice";
  const std::set<std::string> there = tests();
  for (const std::string& test : there) EXPECT_TRUE(listed.contains(test)) << test << " has no row";
  for (const std::string& test : listed) EXPECT_TRUE(there.contains(test)) << test << " is no test";
  EXPECT_GE(listed.size(), 120U);
}

TEST(Conformance, EachRowNamesItsOriginalAndSaysSameOrDifferentAndWhy) {
  for (const Row& row : rows()) {
    EXPECT_FALSE(row.original.empty()) << row.test;
    EXPECT_TRUE(row.verdict.starts_with("same") || row.verdict.starts_with("different: "))
        << row.test << ": " << row.verdict;
  }
}

}  // namespace
}  // namespace style

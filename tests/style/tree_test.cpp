// Every rule over every file of the tree.
#include <algorithm>

#include <gtest/gtest.h>

#include "rules.hpp"

namespace style {
namespace {
const std::vector<Source>& tree() {
  static const std::vector<Source> sources = read_tree(ACRE_SOURCE_DIR);
  return sources;
}

void expect_kept(Findings (*rule)(const Source&)) {
  for (const Source& source : tree()) {
    for (const std::string& finding : rule(source)) ADD_FAILURE() << finding;
  }
}

TEST(Tree, IsRead) {
  const auto holds = [](std::string_view path) {
    return std::ranges::find(tree(), path, &Source::path) != tree().end();
  };
  for (const char* path : {"CMakeLists.txt", "CMakePresets.json", ".ci/run", "framework/acre/base/clock.cpp",
                           "scripts/lib.sh", "tests/style/rules.hpp"}) {
    EXPECT_TRUE(holds(path)) << path;
  }
}

TEST(Tree, LayersIncludeDownwards) { expect_kept(layers_include_downwards); }
TEST(Tree, OwnHeadersAreIncludedByPath) { expect_kept(own_headers_are_included_by_path); }
TEST(Tree, DangerousThingsHaveOneOwner) { expect_kept(dangerous_things_have_one_owner); }
TEST(Tree, ForeignHeadersHaveOneOwner) { expect_kept(foreign_headers_have_one_owner); }
TEST(Tree, FilesAreShort) { expect_kept(files_are_short); }
TEST(Tree, LinesAreShort) { expect_kept(lines_are_short); }
TEST(Tree, BlanksArePlain) { expect_kept(blanks_are_plain); }
TEST(Tree, HeadersHavePragmaOnce) { expect_kept(headers_have_pragma_once); }
TEST(Tree, CommentsHaveNoBanners) { expect_kept(comments_have_no_banners); }
TEST(Tree, NothingIsLeftOpen) { expect_kept(nothing_is_left_open); }
TEST(Tree, ScriptsAreExecutable) { expect_kept(scripts_are_executable); }
}  // namespace
}  // namespace style

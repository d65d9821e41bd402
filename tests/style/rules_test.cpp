// Every rule on texts that break it, and on texts that nearly do.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace style {
namespace {
using Rule = Findings (*)(const Source&);

Findings check(Rule rule, const std::string& path, const std::string& text) {
  return rule({.path = path, .text = text});
}

TEST(Lexer, BlanksCommentsAndQuotes) {
  EXPECT_EQ(without_comments_and_strings("a(); // b()\n"), "a();       \n");
  EXPECT_EQ(without_comments_and_strings("a(/* b\n() */ c);"), "a(    \n      c);");
  EXPECT_EQ(without_comments_and_strings(R"(f("g(\"", '"', "h");)"), R"(f("    ", ' ', " ");)");
  EXPECT_EQ(without_comments_and_strings("1'000 + f('\\'') + g"), "1'000 + f('  ') + g");
  EXPECT_EQ(without_comments_and_strings("R\"x(a)\" )x\" + b"), "R\"x(    )x\" + b");
  EXPECT_EQ(without_comments_and_strings("\"// no comment\" + a"), "\"             \" + a");
}

TEST(Lexer, FindsComments) {
  EXPECT_EQ(comments_only("a; // \"b\"\nc; /* d */ e\n"), "   // \"b\"\n   /* d */  \n");
}

TEST(Rules, LayersIncludeDownwards) {
  const std::string path = "framework/acre/schedule/scheduler.cpp";
  EXPECT_EQ(
      check(layers_include_downwards, path, "#pragma once\n#include <acre/node/zygote.hpp>\n"),
      Findings{path +
               ":2: schedule must not include node, which is above it: move what is needed down, or its "
               "user up"});
  EXPECT_EQ(check(layers_include_downwards, path, "#include <acre/acre.hpp>\n").size(), 1U);
  EXPECT_EQ(check(layers_include_downwards, path, "#include \"acre/session/run.hpp\"\n").size(), 1U);
  EXPECT_EQ(check(layers_include_downwards, "framework/acre/utils/a.hpp", ""),
            Findings{"framework/acre/utils/a.hpp:1: utils has no place in the order of layers: give it one"});
  EXPECT_EQ(
      check(layers_include_downwards, path, "#include <acre/base/ids.hpp>\n#include <acre/schedule/a.hpp>\n"),
      Findings{});
  EXPECT_EQ(check(layers_include_downwards, "framework/acre/acre.hpp", "#include <acre/session/run.hpp>\n"),
            Findings{});
}

TEST(Rules, OwnHeadersAreIncludedByPath) {
  const std::string inside = "framework/acre/base/a.cpp";
  EXPECT_EQ(check(own_headers_are_included_by_path, inside, "\n#include \"a.hpp\"\n"),
            Findings{inside + ":2: include acre's headers as <acre/layer/file.hpp>"});
  EXPECT_EQ(
      check(own_headers_are_included_by_path, "apps/pi/main.cpp", "#include \"acre/acre.hpp\"\n").size(), 1U);
  EXPECT_EQ(check(own_headers_are_included_by_path, "tests/a/a.cpp", "#include \"../b/b.hpp\"\n").size(), 1U);
  EXPECT_EQ(check(own_headers_are_included_by_path, inside, "#include <acre/base/a.hpp>\n"), Findings{});
  EXPECT_EQ(check(own_headers_are_included_by_path, "apps/pi/main.cpp", "#include \"kernel.hpp\"\n"),
            Findings{});
}

TEST(Rules, DangerousThingsHaveOneOwner) {
  const std::string path = "framework/acre/wire/a.cpp";
  for (const char* line :
       {"const pid_t child = fork();", "::vfork();", "clone(f, stack, flags, 0);", "std::getenv(\"HOME\");",
        "char** e = environ;", "clock_gettime(CLOCK_REALTIME, &t);", "std::chrono::steady_clock::now();",
        "std::chrono::system_clock::now();", "gettimeofday(&t, 0);", "std::printf(\"x\");", "puts(\"x\");",
        "std::cout << 1;", "std::cerr << 1;", "fmt::print(\"x\");", "std::fprintf(stderr, \"x\");",
        "std::fputs(\"x\", stdout);"}) {
    EXPECT_EQ(check(dangerous_things_have_one_owner, path, line).size(), 1U) << line;
  }
  for (const char* line :
       {"// fork() is dangerous", "call(\"getenv(\");", "shape.clone();", "shape->clone();", "pitchfork();",
        "fork_server();", "snprintf(text, 9, \"x\");", "std::fprintf(file, \"x\");", "acre::now();",
        "my_environment();", "std::fflush(stdout);"}) {
    EXPECT_EQ(check(dangerous_things_have_one_owner, path, line), Findings{}) << line;
  }
}

TEST(Rules, OwnersAreNamed) {
  EXPECT_EQ(check(dangerous_things_have_one_owner, "framework/acre/wire/a.cpp", "\nfork();\n"),
            Findings{"framework/acre/wire/a.cpp:2: fork( does not belong here: only node/ makes processes"});
  EXPECT_EQ(check(dangerous_things_have_one_owner, "framework/acre/node/a.cpp", "fork();\n"), Findings{});
  EXPECT_EQ(check(dangerous_things_have_one_owner, "framework/acre/launch/a.cpp", "getenv(a);\n"),
            Findings{});
  EXPECT_EQ(check(dangerous_things_have_one_owner, "framework/acre/base/clock.cpp", "clock_gettime(a);\n"),
            Findings{});
  EXPECT_EQ(check(dangerous_things_have_one_owner, "apps/pi/main.cpp", "std::printf(a);\n"), Findings{});
  EXPECT_EQ(check(dangerous_things_have_one_owner, "apps/pi/main.cpp", "std::getenv(a);\n").size(), 1U);
}

TEST(Rules, ForeignHeadersHaveOneOwner) {
  EXPECT_EQ(check(foreign_headers_have_one_owner, "framework/acre/node/a.cpp", "#include <mpi.h>\n"),
            Findings{"framework/acre/node/a.cpp:1: mpi.h does not belong here: use acre::cluster; only "
                     "cluster/ knows MPI"});
  EXPECT_EQ(check(foreign_headers_have_one_owner, "apps/pi/main.cpp", "\n#include \"hdf5.h\"\n").size(), 1U);
  EXPECT_EQ(check(foreign_headers_have_one_owner, "framework/acre/cluster/a.cpp", "#include <mpi.h>\n"),
            Findings{});
  EXPECT_EQ(check(foreign_headers_have_one_owner, "framework/acre/campaign/a.cpp", "#include <hdf5.h>\n"),
            Findings{});
  EXPECT_EQ(check(foreign_headers_have_one_owner, "apps/pi/main.cpp", "#include <not_mpi.h>\n"), Findings{});
}

TEST(Rules, FilesAreShort) {
  EXPECT_EQ(check(files_are_short, "a.cpp", std::string(401, '\n')),
            Findings{"a.cpp:401: 401 lines: split the file where it holds two ideas (400 at most)"});
  EXPECT_EQ(check(files_are_short, "a.cpp", std::string(400, '\n')), Findings{});
}

TEST(Rules, LinesAreShort) {
  EXPECT_EQ(check(lines_are_short, "a.cpp", "\n" + std::string(111, 'a')),
            Findings{"a.cpp:2: longer than 110 columns: break the line"});
  EXPECT_EQ(check(lines_are_short, "a.cpp", std::string(109, 'a') + "…\n"), Findings{});
}

TEST(Rules, BlanksArePlain) {
  EXPECT_EQ(check(blanks_are_plain, "a.sh", "\n\ta\n"), Findings{"a.sh:2: a tab: use spaces"});
  EXPECT_EQ(check(blanks_are_plain, "a.sh", "a \n"),
            Findings{"a.sh:1: blanks at the end of the line: delete them"});
  EXPECT_EQ(check(blanks_are_plain, "a.sh", "a\r\n").size(), 1U);
  EXPECT_EQ(check(blanks_are_plain, "a.sh", "a b\n"), Findings{});
}

TEST(Rules, HeadersHavePragmaOnce) {
  EXPECT_EQ(check(headers_have_pragma_once, "a.hpp", "// #pragma once\nint a;\n"),
            Findings{"a.hpp:1: a header without one #pragma once: add it below the first comment"});
  EXPECT_EQ(check(headers_have_pragma_once, "a.hpp", "// What.\n#pragma once\n"), Findings{});
  EXPECT_EQ(check(headers_have_pragma_once, "a.cpp", "int a;\n"), Findings{});
}

TEST(Rules, CommentsHaveNoBanners) {
  EXPECT_EQ(check(comments_have_no_banners, "a.cpp", "int a;\n/" + std::string("///\n")),
            Findings{"a.cpp:2: a banner: a comment is a sentence"});
  EXPECT_EQ(check(comments_have_no_banners, "a.cpp", "// ==" + std::string("== part\n")).size(), 1U);
  EXPECT_EQ(check(comments_have_no_banners, "a.sh", "# --" + std::string("-- part\n")).size(), 1U);
  EXPECT_EQ(check(comments_have_no_banners, "a.cpp", "f(\"----\");  /// What it is.\n"), Findings{});
  EXPECT_EQ(check(comments_have_no_banners, "a.sh", "echo ----\n"), Findings{});
}

TEST(Rules, NothingIsLeftOpen) {
  EXPECT_EQ(check(nothing_is_left_open, "a.cpp", "\n// TO" + std::string("DO: all\n")),
            Findings{"a.cpp:2: something left open: finish it, or put it into an issue"});
  EXPECT_EQ(check(nothing_is_left_open, "a.sh", "# FIX" + std::string("ME\n")).size(), 1U);
  EXPECT_EQ(check(nothing_is_left_open, "a.md", "XX" + std::string("X\n")).size(), 1U);
  EXPECT_EQ(check(nothing_is_left_open, "a.sh", "mktemp a.XX" + std::string("XXXX\n")), Findings{});
}

TEST(Rules, ScriptsAreExecutable) {
  EXPECT_EQ(scripts_are_executable({.path = "a.sh", .text = "#!/bin/sh\n"}),
            Findings{"a.sh:1: a script that cannot be started: chmod +x"});
  EXPECT_EQ(scripts_are_executable({.path = "a.sh", .text = "# Sourced.\n", .executable = true}),
            Findings{"a.sh:1: executable, but no program: chmod -x, or add #!"});
  EXPECT_EQ(scripts_are_executable({.path = "a.sh", .text = "#!/bin/sh\n", .executable = true}), Findings{});
  EXPECT_EQ(scripts_are_executable({.path = "lib.sh", .text = "# Sourced.\n"}), Findings{});
}
}  // namespace
}  // namespace style

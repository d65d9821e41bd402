// The house rules, each a function from one file to what it does wrong.
#pragma once

#include <string>
#include <vector>

#include "source.hpp"

namespace style {

/// A broken rule: "path:line: what is wrong, and what to do instead".
using Findings = std::vector<std::string>;

/// A finding in line `line_index`, counted from 0.
std::string at(const Source& source, std::size_t line_index, const std::string& what);

Findings layers_include_downwards(const Source& source);
Findings own_headers_are_included_by_path(const Source& source);
Findings dangerous_things_have_one_owner(const Source& source);
Findings foreign_headers_have_one_owner(const Source& source);
Findings files_are_short(const Source& source);
Findings lines_are_short(const Source& source);
Findings blanks_are_plain(const Source& source);
Findings headers_have_pragma_once(const Source& source);
Findings comments_have_no_banners(const Source& source);
Findings nothing_is_left_open(const Source& source);
Findings scripts_are_executable(const Source& source);

}  // namespace style

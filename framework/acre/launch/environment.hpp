// The process environment as a value, so that everything decided from it can be tested with literals.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace acre::launch {

/// Names and values of environment variables.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The environment of this process now. Call it before threads exist: setenv elsewhere would race. Does not
/// block.
Environment read_environment();

/// The value of `name`, or nullptr if it is not set; it lives as long as `environment`. Any thread.
const std::string* find(const Environment& environment, std::string_view name);

/// The value of `name` as an integer of at least `at_least` (0 or 1); nothing if it is not set. Any thread.
/// Throws acre::Error naming variable and value if it is anything else.
std::optional<int> find_integer(const Environment& environment, std::string_view name, int at_least);

/// The value of `name`, if it is set, which this process and those it starts from now on do not have any
/// more. Call it before threads exist.
std::optional<std::string> take_variable(const char* name);

/// "NAME=value" of all variables but OMPI_*, PMIX_*, PMI_* and SLURM_STEP_ID: what a command run from inside
/// an MPI job is given, or it would take itself for a rank of this job, and its MPI would abort. Any thread.
std::vector<std::string> without_launcher_variables(const Environment& environment);

}  // namespace acre::launch

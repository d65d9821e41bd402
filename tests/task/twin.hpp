// An exception type whose name another file has given to one of its own.
#pragma once

#include <acre/task/outcome.hpp>

namespace acre::test {

/// What became of a task that threw it.
task::Outcome twin_of_another_file();

}  // namespace acre::test

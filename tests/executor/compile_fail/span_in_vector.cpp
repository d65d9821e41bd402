#include <acre/executor/executor.hpp>
#include <optional>
#include <span>
#include <vector>

#ifdef ACRE_CONTROL
using Rows = std::vector<std::optional<std::vector<int>>>;
#else
using Rows = std::vector<std::optional<std::span<const int>>>;
#endif

int task(const Rows& rows);

void program(acre::Executor& executor) { executor.submit<task>(Rows{}); }

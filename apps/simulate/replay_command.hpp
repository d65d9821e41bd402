// acre-simulate --replay: is the log of a real run what the scheduler does?
#pragma once

#include <string>

namespace simulate {

/// Replays the event log in `path`, prints each step if `print`, then one line of what came of it. Returns
/// the exit status: 0 if every action was the same, 1 if not, 2 if the log cannot be read.
int replay_command(const std::string& path, bool print);

}  // namespace simulate

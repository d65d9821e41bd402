// Commands of the system that this process asks for something.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <acre/base/time.hpp>

namespace acre::node {

/// Runs a command, found by PATH, in `environment` ("NAME=value") and returns what it wrote to stdout;
/// nothing if it cannot be started, does not exit with 0, or takes longer than `patience`, after which it is
/// killed with its process group. It reads nothing and its stderr is dropped. Blocks; does not throw but when
/// memory runs out. Any thread.
std::optional<std::string> output_of(const std::vector<std::string>& command,
                                     const std::vector<std::string>& environment, Duration patience);

}  // namespace acre::node

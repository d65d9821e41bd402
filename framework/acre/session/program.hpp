// The user's program on the root: run in a house, its failures said in one sentence.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <acre/session/house.hpp>

namespace acre::session {

/// What main handed to acre::run.
struct Program {
  std::vector<std::string> arguments;
  std::function<int(Session&)> main;
};

/// Runs the program and returns the exit status of the run. Blocks; throws acre::Error if the house cannot be
/// built.
int run_program(const Program& program, node::Zygote& zygote, Plan plan, RemoteGroups remote);

/// Says on stderr what ended the run.
void report(const std::exception& error) noexcept;

}  // namespace acre::session

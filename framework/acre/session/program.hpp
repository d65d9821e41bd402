// The user's program on the root: run in a house, its failures said in one sentence.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <vector>

#include <acre/launch/detect.hpp>
#include <acre/launch/settings.hpp>
#include <acre/session/house.hpp>

namespace acre::session {

/// What main handed to acre::run.
struct Program {
  std::vector<std::string> arguments;
  std::function<int(Session&)> main;
};

/// What the program, its settings and its surroundings say of a run on the root; the rest is the caller's.
/// In a batch job it asks when that ends, for 2 s at most. Blocks; throws acre::Error.
Plan plan_of(const Program& program, const launch::Environment& environment, const launch::Launch& launch,
             const launch::Settings& settings);

/// Runs the program and returns the exit status of the run. Blocks; throws acre::Error if the house cannot be
/// built.
int run_program(const Program& program, node::Zygote& zygote, Plan plan, RemoteGroups remote);

/// Says on stderr what ended the run.
void report(const std::exception& error) noexcept;

}  // namespace acre::session

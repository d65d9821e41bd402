// A run under a launcher: MPI is started, and each rank finds its part.
#pragma once

#include <acre/launch/detect.hpp>
#include <acre/launch/settings.hpp>
#include <acre/session/program.hpp>

namespace acre::session {

/// Runs the program on the root, serves tasks on the other nodes' agents, parks the other ranks. Collective
/// over all ranks; returns each rank's exit status; blocks; throws acre::Error before MPI has started only.
int run_launched(const Program& program, const launch::Environment& environment, const launch::Launch& launch,
                 const launch::Settings& settings);

}  // namespace acre::session

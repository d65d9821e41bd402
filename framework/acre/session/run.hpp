// acre::run: the one call in main.
#pragma once

#include <functional>

#include <acre/session/session.hpp>

namespace acre {

/// Runs a program on this machine or, under mpirun or srun, on all of the job's nodes. Call it first in main,
/// before threads exist, and put nothing else there: main runs in every rank, and
/// in every process that is a fresh start of this program (StartMethod::spawn); `program` on the root alone.
///
/// Returns the exit status for main: what the program returns; 1 after an error, said in one sentence on
/// stderr; 130 after Ctrl-C and 75 after SIGTERM or SIGUSR1, if the program did not end by itself. Collective
/// over the job's ranks. Blocks; does not throw.
int run(int argc, char** argv, const std::function<int(Session&)>& program) noexcept;

}  // namespace acre

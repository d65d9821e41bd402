// The session of a test program that runs inside acre::run (acre_run_test).
#pragma once

#include <acre/acre.hpp>

namespace acre::test {

/// The session of this program. Valid inside tests.
Session& session();

/// What main does in such a program: runs its tests inside acre::run; returns the exit status.
int run_tests(int argc, char** argv);

}  // namespace acre::test

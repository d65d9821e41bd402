// The session of a test program that runs inside acre::run (acre_run_test).
#pragma once

#include <acre/acre.hpp>

namespace acre::test {

/// The session of this program. Valid inside tests.
Session& session();

}  // namespace acre::test

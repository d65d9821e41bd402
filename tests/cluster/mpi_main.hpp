// A GoogleTest program whose cases run on all ranks at once; the failures of all are told by rank 0.
#pragma once

#include <acre/cluster/mpi.hpp>

namespace acre::cluster::test {

/// MPI of this program. Valid inside tests.
const Runtime& mpi();

}  // namespace acre::cluster::test

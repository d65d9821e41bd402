// MPI, started and ended once, with every call checked. Only this layer includes mpi.h.
#pragma once

// The C++ bindings of MPI-2 are gone from the standard; their headers only cost compile time and warnings.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

namespace acre::cluster {

/// Throws acre::Error("<what>: <MPI's own words>") unless `result` is MPI_SUCCESS. Any thread.
void check(int result, const char* what);

/// MPI between MPI_Init_thread and MPI_Finalize. Collective over all ranks at both ends; one per process.
/// Destroying it does not end MPI: after an exception the launcher ends the job.
class Runtime {
 public:
  /// Starts MPI; errors return codes from here on. Blocks; throws acre::Error.
  Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  MPI_Comm world() const noexcept { return world_; }
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }
  /// Ends MPI. Blocks until all ranks do. Idempotent.
  void finalize();

 private:
  MPI_Comm world_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  bool ended_ = false;
};

}  // namespace acre::cluster

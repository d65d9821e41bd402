#include <array>
#include <string>
#include <utility>

#include <acre/base/error.hpp>
#include <acre/cluster/mpi.hpp>

namespace acre::cluster {

void check(int result, const char* what) {
  if (result == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(result, text.data(), &length);
  throw Error(std::string(what) + ": " + std::string(text.data(), static_cast<std::size_t>(length)));
}

Runtime::Runtime() {
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided), "MPI did not start");
  if (provided < MPI_THREAD_SERIALIZED)
    throw Error(
        "this MPI cannot be called from several threads in turn (MPI_THREAD_SERIALIZED), as acre needs");
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_dup(MPI_COMM_WORLD, &world_), "MPI_Comm_dup");
  check(MPI_Comm_rank(world_, &rank_), "MPI_Comm_rank");
  check(MPI_Comm_size(world_, &size_), "MPI_Comm_size");
}

void Runtime::finalize() {
  if (std::exchange(ended_, true)) return;
  check(MPI_Comm_free(&world_), "MPI_Comm_free");
  check(MPI_Finalize(), "MPI_Finalize");
}

}  // namespace acre::cluster

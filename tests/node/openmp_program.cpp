// openmp_program THREADS: how many threads OpenMP, BLAS and commands take in a worker that may have so many.
#include <omp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <acre/acre.hpp>
#include <acre/launch/host.hpp>

namespace {
int mkl = -1;
long blis = -1;
}  // namespace

// What the libraries have, for which this program passes itself off as them.
extern "C" {
int openblas_get_num_threads();
void MKL_Set_Num_Threads(int threads) { mkl = threads; }
void bli_thread_set_num_threads(long threads) { blis = threads; }
}

namespace {
int threads_of_a_region() {
  int threads = 0;
#pragma omp parallel
#pragma omp single
  threads = omp_get_num_threads();
  return threads;
}

std::string threads_of_blas() {
  return std::to_string(openblas_get_num_threads()) + " " + std::to_string(mkl) + " " + std::to_string(blis);
}

std::string variables_of_a_command() {
  const char* echo =
      "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS $BLIS_NUM_THREADS $NUMEXPR_NUM_THREADS";
  std::FILE* pipe = ::popen(echo, "r");
  std::array<char, 256> line{};
  const bool read = std::fgets(line.data(), line.size(), pipe) != nullptr;
  ::pclose(pipe);
  return read ? line.data() : "\n";
}
}  // namespace

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) {
    auto executor = session.executor({.workers = 1, .threads_per_worker = std::atoi(argv[1])});
    std::printf("%d threads\n", executor.submit<acre::launch::thread_count>().get());
    std::printf("OpenMP %d\n", executor.submit<threads_of_a_region>().get());
    std::printf("BLAS %s\n", executor.submit<threads_of_blas>().get().c_str());
    std::printf("commands %s", executor.submit<variables_of_a_command>().get().c_str());
    return 0;
  });
}

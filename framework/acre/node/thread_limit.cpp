#include <dlfcn.h>
#include <stdlib.h>

#include <array>
#include <charconv>

#include <acre/launch/environment.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
/// A library with threads of its own: its variable, which it reads when it is loaded and commands inherit,
/// and how a program that has it sets the number later.
struct Library {
  const char* variable;
  const char* function;
  bool takes_long = false;  ///< the function: its argument is 64 bits wide (BLIS's dim_t)
};

constexpr std::array libraries{Library{"OMP_NUM_THREADS", "omp_set_num_threads"},
                               Library{"OPENBLAS_NUM_THREADS", "openblas_set_num_threads"},
                               Library{"MKL_NUM_THREADS", "MKL_Set_Num_Threads"},
                               Library{"BLIS_NUM_THREADS", "bli_thread_set_num_threads", true},
                               Library{"NUMEXPR_NUM_THREADS", nullptr}};

void tell(const Library& library, int threads) {
  if (library.function == nullptr) return;
  void* function = ::dlsym(RTLD_DEFAULT, library.function);
  if (function == nullptr) return;
  if (library.takes_long)
    reinterpret_cast<void (*)(long)>(function)(threads);
  else
    reinterpret_cast<void (*)(int)>(function)(threads);
}

/// The threads of OpenMP's outermost level, which the variable lists first ("4,2"); 1 if it is not set.
int threads_of_openmp(const launch::Environment& environment) {
  int threads = 1;
  if (const std::string* text = launch::find(environment, "OMP_NUM_THREADS"))
    std::from_chars(text->data(), text->data() + text->size(), threads);
  return threads > 0 ? threads : 1;
}
}  // namespace

void limit_threads(int threads) {
  const launch::Environment environment = launch::read_environment();
  const int wanted = threads > 0 ? threads : threads_of_openmp(environment);
  for (const Library& library : libraries) {
    if (threads == 0 && environment.contains(library.variable)) continue;  // the user's own choice
    ::setenv(library.variable, std::to_string(wanted).c_str(), 1);
    tell(library, wanted);
  }
}

}  // namespace acre::node

#include <dlfcn.h>
#include <stdlib.h>

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <acre/base/time.hpp>
#include <acre/launch/environment.hpp>
#include <acre/launch/host.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
/// A library with threads of its own: its variable, which it reads when it is loaded and commands inherit,
/// and how a program that has it sets the number later.
struct Library {
  const char* variable;
  const char* function;
  bool takes_long = false;       ///< the function: its argument is 64 bits wide (BLIS's dim_t)
  const char* number = nullptr;  ///< tells what is set, for a library that starts threads whenever it is told
};

constexpr std::array libraries{
    Library{"OMP_NUM_THREADS", "omp_set_num_threads"},
    Library{"OPENBLAS_NUM_THREADS", "openblas_set_num_threads", false, "openblas_get_num_threads"},
    Library{"MKL_NUM_THREADS", "MKL_Set_Num_Threads"},
    Library{"BLIS_NUM_THREADS", "bli_thread_set_num_threads", true}, Library{"NUMEXPR_NUM_THREADS", nullptr}};

template <class Signature>
Signature* function_of_program(const char* name) {
  return name == nullptr ? nullptr : reinterpret_cast<Signature*>(::dlsym(RTLD_DEFAULT, name));
}

void tell(const Library& library, int threads) {
  if (const auto number = function_of_program<int()>(library.number);
      number != nullptr && number() == threads)
    return;
  if (library.takes_long) {
    if (const auto set = function_of_program<void(long)>(library.function)) set(threads);
  } else {
    if (const auto set = function_of_program<void(int)>(library.function)) set(threads);
  }
}

/// The number in a variable, or the first one of a list ("4,2": OpenMP's outermost level).
std::optional<int> number_in(const launch::Environment& environment, const char* variable) {
  const std::string* text = launch::find(environment, variable);
  int threads = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), threads);
  return threads > 0 ? std::optional(threads) : std::nullopt;
}
}  // namespace

void limit_threads(int threads) {
  const launch::Environment environment = launch::read_environment();
  const int common = threads > 0 ? threads : number_in(environment, "OMP_NUM_THREADS").value_or(1);
  for (const Library& library : libraries) {
    const bool users_choice = threads == 0 && environment.contains(library.variable);
    if (!users_choice) ::setenv(library.variable, std::to_string(common).c_str(), 1);
    tell(library, users_choice ? number_in(environment, library.variable).value_or(common) : common);
  }
}

void rest_blas_threads() {
  const auto set = function_of_program<void(int)>("openblas_set_num_threads");
  const auto end = function_of_program<int()>("blas_thread_shutdown_");
  if (set == nullptr || end == nullptr) return;
  set(1);
  end();
}

bool threads_are_left(int allowed) {
  constexpr Duration patience = std::chrono::milliseconds(200);
  for (const Instant deadline = now() + patience; launch::thread_count() > allowed; std::this_thread::yield())
    if (now() > deadline) return true;
  return false;
}

}  // namespace acre::node

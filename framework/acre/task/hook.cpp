#include <cxxabi.h>

#include <cstdlib>

#include <acre/base/error.hpp>
#include <acre/task/hook.hpp>
#include <acre/task/invoke.hpp>

namespace acre::task {

Kept run_hook(FunctionId function, ByteView arguments) {
  const auto run = reinterpret_cast<HookThunk>(const_cast<void*>(function_at(function)));
  wire::Reader reader(arguments);
  return run(reader);
}

void* kept_as(const Kept& kept, const std::type_info& wanted, const char* hook) {
  if (kept.type == nullptr)
    throw Error("the task takes what the " + std::string(hook) + " returned, but the executor has no " +
                hook);
  if (*kept.type != wanted)
    throw Error("the task takes a " + type_name(wanted) + " from the " + hook + ", which returned a " +
                type_name(*kept.type));
  return kept.object.get();
}

std::string type_name(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : type.name();
}

}  // namespace acre::task

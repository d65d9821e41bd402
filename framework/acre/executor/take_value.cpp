#include <acre/executor/take_value.hpp>
#include <acre/task/hook.hpp>

namespace acre::executor {

void throw_unreadable(TaskInfo failure, const std::type_info& type, const std::string& why) {
  failure.message = "its result, a " + task::type_name(type) + ", cannot be read back: " + why;
  throw TaskError(std::move(failure));
}

}  // namespace acre::executor

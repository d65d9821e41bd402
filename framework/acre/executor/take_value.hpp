// What a task returned, decoded.
#pragma once

#include <string>
#include <type_traits>
#include <typeinfo>
#include <variant>

#include <acre/task/failure.hpp>
#include <acre/wire/codec.hpp>

namespace acre::executor {

/// What a range yields for a result of type T: something, also for functions that return nothing.
template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Throws TaskError about this task: its value is there, but cannot be made a `type` again.
[[noreturn]] void throw_unreadable(TaskInfo failure, const std::type_info& type, const std::string& why);

/// The value of a task that has ended, decoded; throws what its failure stands for. One thread, once.
template <class T, class Ended>
ValueOf<T> take_value(Ended& task) {
  task.rethrow();
  if constexpr (std::is_void_v<T>) return {};
  try {
    ValueOf<T> value = wire::from_bytes<ValueOf<T>>(task.value());
    task.drop_value();
    return value;
  } catch (const std::exception& error) {
    task.throw_unreadable(typeid(T), error.what());
  }
}

}  // namespace acre::executor

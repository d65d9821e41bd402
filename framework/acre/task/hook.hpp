// Preload and initializer: functions that run in another process before any task, and what they leave there.
#pragma once

#include <memory>
#include <string>
#include <typeinfo>

#include <acre/base/bytes.hpp>
#include <acre/task/function.hpp>

namespace acre {

/// A function and its encoded arguments, to be run in another process; made by hook<f>(arguments…). Empty by
/// default.
struct Hook {
  task::FunctionId function;               ///< to be run
  Bytes arguments;                         ///< encoded
  const std::type_info* result = nullptr;  ///< type of what it returns; null for an empty hook

  /// Whether there is something to run.
  explicit operator bool() const noexcept { return result != nullptr; }
};

}  // namespace acre

namespace acre::task {

/// What a hook returned, kept for the life of the process.
struct Kept {
  std::shared_ptr<void> object;
  const std::type_info* type = nullptr;
};

/// What this process holds for its tasks.
struct Surroundings {
  Kept preloaded, per_worker;
};

/// What a task wants from the executor's hooks, known at submit.
struct Requirements {
  const std::type_info* preloaded = nullptr;
  const std::type_info* per_worker = nullptr;
};

/// Runs a hook here and keeps what it returns. Throws what the hook throws.
Kept run_hook(FunctionId function, ByteView arguments);

/// The kept object if it is of this type; else throws acre::Error naming both. `hook` is "preload" or
/// "initializer".
void* kept_as(const Kept& kept, const std::type_info& wanted, const char* hook);

/// A type's name as a person writes it.
std::string type_name(const std::type_info& type);

}  // namespace acre::task

namespace acre {

/// Injected as a leading parameter: what the preload hook returned, shared by all workers of the node, read
/// only.
template <class T>
class Preloaded {
 public:
  /// Made by acre for the task that asks for it.
  explicit Preloaded(const task::Surroundings& here)
      : object_(static_cast<const T*>(task::kept_as(here.preloaded, typeid(T), "preload"))) {}
  /// The object; lives as long as the worker.
  const T& operator*() const noexcept { return *object_; }
  /// Likewise.
  const T* operator->() const noexcept { return object_; }

 private:
  const T* object_;
};

/// Injected as a leading parameter: what the initializer hook returned in this worker, to be changed at will.
template <class T>
class PerWorker {
 public:
  /// Made by acre for the task that asks for it.
  explicit PerWorker(const task::Surroundings& here)
      : object_(static_cast<T*>(task::kept_as(here.per_worker, typeid(T), "initializer"))) {}
  /// The object; lives as long as the worker.
  T& operator*() const noexcept { return *object_; }
  /// Likewise.
  T* operator->() const noexcept { return object_; }

 private:
  T* object_;
};

}  // namespace acre

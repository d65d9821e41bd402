// Failures as exceptions: what Future::get() throws.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <acre/task/outcome.hpp>

namespace acre {

/// An exception nested in another one (std::throw_with_nested).
struct Cause {
  std::string type;     ///< of the exception
  std::string message;  ///< what it said
};

/// Which attempt of which task failed, where, and what it said. Deliberately no std::exception.
struct TaskInfo {
  std::uint64_t task = 0;              ///< index of the task
  int attempt = 0;                     ///< from 1
  int worker = 0;                      ///< number of the worker on its node
  int rank = 0;                        ///< of the node's agent; 0 without MPI
  std::string host;                    ///< name of the node
  std::string type;                    ///< of the exception, empty if there was none
  std::string message;                 ///< of the exception, or how the attempts ended
  int signal = 0;                      ///< that ended the worker on the last attempt; 0: none did
  int exit_code = 0;                   ///< with which that worker exited, if it did
  std::int64_t peak_memory_bytes = 0;  ///< largest resident size of that worker; 0 if none died
  std::string last_words;              ///< the end of what that worker wrote to stderr
  std::vector<Cause> causes;           ///< what was nested in the exception, from the outside in
};

/// A failure whose original type is unknown here; what() tells task, place and message in one sentence.
struct TaskError : std::runtime_error, TaskInfo {
  /// With a sentence that tells all of it for what().
  explicit TaskError(TaskInfo info);
  /// With words of its own for what().
  TaskError(const std::string& words, TaskInfo info) : std::runtime_error(words), TaskInfo(std::move(info)) {}
};

/// The task's worker died (signal, exit, out of memory) on each attempt it was allowed.
struct WorkerLost : TaskError {
  /// Made as its base is.
  using TaskError::TaskError;
};

/// It ended so many workers that it was not tried again, though it had attempts left; tells of each.
struct TaskQuarantined : WorkerLost {
  /// Made as its base is.
  using WorkerLost::WorkerLost;
};

/// The task ran longer than its timeout on each attempt that it was allowed; its worker was ended for it.
struct TaskTimeout : TaskError {
  /// Made as its base is.
  using TaskError::TaskError;
};

/// The task was cancelled before it started, or not started because the run is ending.
struct TaskCancelled : TaskError {
  /// Made as its base is.
  using TaskError::TaskError;
};

/// The executor cannot run tasks: its preload or initializer failed, or its workers cannot start.
struct ExecutorBroken : TaskError {
  /// Made as its base is.
  using TaskError::TaskError;
};

/// A failure rethrown as its own type: caught as E, as std::exception if E is one, and as TaskInfo.
template <class E>
struct Thrown : E, TaskInfo {
  /// Of an exception as it arrived.
  Thrown(E made, TaskInfo info) : E(std::move(made)), TaskInfo(std::move(info)) {}
};
/// The same for those that have what().
template <class E>
requires std::derived_from<E, std::exception>
struct Thrown<E> : E, TaskInfo {
  /// Of an exception as it arrived.
  Thrown(E made, TaskInfo info) : E(std::move(made)), TaskInfo(std::move(info)) {}
  /// What it said where it was thrown, whatever an E made here would say.
  const char* what() const noexcept override { return TaskInfo::message.c_str(); }
};

}  // namespace acre

namespace acre::task {

/// Throws what a failed outcome stands for: Thrown<E> for standard types and those of ACRE_EXCEPTION, with
/// what was nested in it, else TaskError or a type made from it.
[[noreturn]] void rethrow(const Outcome& outcome, std::uint64_t index, const std::string& host);

/// The TaskInfo of a failed outcome.
TaskInfo info_of(const Outcome& outcome, std::uint64_t index, const std::string& host);

}  // namespace acre::task

// The bytes of a task on its way to a worker, and of its outcome on its way back.
#pragma once

#include <acre/task/function.hpp>
#include <acre/task/outcome.hpp>

namespace acre::task {

/// What a worker needs besides the encoded arguments. Fixed size, the same on both sides of one machine or
/// link.
struct TaskHead {
  FunctionId function;
  std::uint64_t index = 0;  ///< index of the task: names its random stream
  std::uint64_t key = 0;    ///< key of its random streams: seed and stage
  std::uint32_t attempt = 0;
  std::uint32_t count = 1;      ///< tasks of the message, with indices that follow one another
  std::int64_t timeout_ns = 0;  ///< of the attempt; 0: none
};

ACRE_RECORD(TaskHead, function, index, key, attempt, count, timeout_ns)

/// What precedes the encoded result or the failure's words.
struct OutcomeHead {
  std::int64_t start_ns = 0, run_ns = 0;
  std::uint64_t ending = 0;  ///< an Ending
};

/// The failure's words as a payload, with its Outcome::detail, and back. unpack throws acre::Error on a
/// payload that is none.
Bytes pack_failure(const std::string& type, const std::string& message, const Bytes& detail = {});
void unpack_failure(ByteView payload, Outcome& outcome);

}  // namespace acre::task

// What became of a task: a value or a failure, and where and when it ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <acre/base/bytes.hpp>
#include <acre/wire/codec.hpp>

namespace acre::task {

/// Where and when an attempt ran.
struct Execution {
  std::uint32_t attempt = 0;  ///< from 1
  std::uint32_t worker = 0;   ///< number of the worker on its node, from 0
  std::int32_t rank = 0;      ///< rank of the node's agent, 0 without MPI
  std::int64_t start_ns = 0;  ///< wall clock, UTC
  std::int64_t run_ns = 0;
};

ACRE_RECORD(Execution, attempt, worker, rank, start_ns, run_ns)

/// How a task ended.
enum class Ending : std::uint8_t {
  value,        ///< it returned: payload is the encoded result
  thrown,       ///< it threw: type and message
  worker_lost,  ///< its worker died on its last attempt: message says how
  cancelled,    ///< taken back before it started
  drained,      ///< not started because the run is ending
  broken,       ///< the executor cannot run tasks: message says why
  timed_out,    ///< its worker was ended on its last attempt, as it ran longer than its timeout
  quarantined   ///< it ended so many workers that it is not tried again: message tells of each
};

/// How a worker process ended.
struct Death {
  std::int32_t signal = 0;             ///< that ended it; 0: it exited
  std::int32_t exit_code = 0;          ///< if it exited
  std::int64_t peak_memory_bytes = 0;  ///< its largest resident size
  std::string last_words;              ///< the end of what it wrote to stderr
};

ACRE_RECORD(Death, signal, exit_code, peak_memory_bytes, last_words)

/// An exception as data.
struct Caught {
  std::string type, message;
  Bytes state = {};  ///< what its codec made of it; empty if the message is all
};

ACRE_RECORD(Caught, type, message, state)

/// What an exception holds beside its type and its message.
struct ThrownDetail {
  Bytes state;                 ///< as in Caught
  std::vector<Caught> causes;  ///< the exceptions nested in it, from the outside in
};

ACRE_RECORD(ThrownDetail, state, causes)

/// A task's end, as data.
struct Outcome {
  Ending ending = Ending::value;
  Bytes value;
  std::string type;     ///< of the exception, when thrown
  std::string message;  ///< unless value; if cancelled: how attempts were lost before, if any were
  Execution execution;
  std::optional<Death> death = {};  ///< of the worker on its last attempt, if that died
  Bytes detail = {};                ///< when thrown: an encoded ThrownDetail; empty if that is empty
};

ACRE_RECORD(Outcome, ending, value, type, message, execution, death, detail)

}  // namespace acre::task

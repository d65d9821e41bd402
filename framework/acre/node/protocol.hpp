// What agent, zygotes and workers of one node say to each other.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <acre/base/bytes.hpp>
#include <acre/node/start_method.hpp>
#include <acre/task/hook.hpp>
#include <acre/wire/record.hpp>

namespace acre::node {

/// What a preloaded zygote and its workers are to be; travels as a blob.
struct PoolSetup {
  bool has_preload = false, has_initializer = false;
  task::FunctionId preload, initializer;
  Bytes preload_arguments, initializer_arguments;
  std::vector<int> cpus;  ///< CPUs the workers may use
  StartMethod start = StartMethod::fork;
  std::string program = {};             ///< name of the program, for process titles
  std::int32_t threads_per_worker = 0;  ///< of OpenMP and BLAS; 0: as the environment says, or else 1
  std::uint32_t tasks_per_worker = 0;   ///< a worker is replaced after so many; 0: never
  std::int64_t memory_limit_bytes = 0;  ///< of a worker's own memory (Private_Dirty); 0: none
  std::int64_t grace_ns = 0;            ///< from SIGTERM to SIGKILL for a worker that is to end
  std::int64_t job_end_wall_ns = 0;     ///< when the batch job ends; 0: unknown
  std::string scratch = {};             ///< folder for scratch files of this node's share of the run
};
ACRE_RECORD(PoolSetup, has_preload, has_initializer, preload, initializer, preload_arguments,
            initializer_arguments, cpus, start, program, threads_per_worker, tasks_per_worker,
            memory_limit_bytes, grace_ns, job_end_wall_ns, scratch)
Bytes encode_setup(const PoolSetup& setup);
/// From the blob with this descriptor. Throws acre::Error if it holds none.
PoolSetup read_setup(int blob);

/// Agent to preloaded zygote. `start` comes with the worker's memory, socket, bell and stderr; `end` is by
/// SIGTERM, and by SIGKILL after the pool's grace; `kill` is by SIGKILL at once.
struct ZygoteRequest {
  enum class Kind : std::uint32_t { start, end, kill } kind;
  std::uint32_t worker;  ///< a number for this worker process, never used twice
};

/// Why a process ended.
enum class EndedBy : std::uint32_t {
  itself,   ///< it exited, or a signal came from elsewhere
  request,  ///< the agent had asked for it
  memory,   ///< its own memory was beyond its limit
  stopped   ///< a signal had stopped it, and nothing let it go on
};

/// How a child of a zygote ended.
struct ChildEnd {
  pid_t pid = -1;
  int status = 0;  ///< as waitpid gives it
  EndedBy by = EndedBy::itself;
  std::int64_t peak_memory_bytes = 0;  ///< its largest resident size
  std::int64_t own_memory_bytes = 0;   ///< Private_Dirty when it was found beyond its limit
};

/// Preloaded zygote to agent. `failed` is followed by words; `large`: the worker's own memory has grown so
/// much that it should be replaced between tasks.
struct ZygoteReport {
  enum class Kind : std::uint32_t { preloaded, failed, started, large, ended } kind;
  std::uint32_t worker = 0;
  ChildEnd end = {};  ///< when ended; its pid also when started
};

/// Kinds of messages on a worker's channel.
/// `share` brings a task::SharedPlace and its memory, `unshare` an id. `outcome` has its task's
/// channel::progress_at() for a mark; `value` is the encoded result, and no more, of a task that began when
/// the one before it ended, with a value_mark().
enum class Down : std::uint32_t { task = 1, stop = 2, leave = 3, share = 4, unshare = 5 };
enum class Up : std::uint32_t {
  ready = 1,
  unusable = 2,
  outcome = 3,
  leaving = 4,
  no_preload = 5,
  value = 6
};

/// How long the task of a `value` has run, and of its channel::progress_at() what is left of 64 bits.
constexpr std::uint64_t value_mark(std::uint64_t progress, std::uint32_t run_ns) noexcept {
  return progress << 32 | run_ns;
}
/// Results beyond it cost more to copy than what else comes with them, and are no `value`.
inline constexpr std::size_t most_value_bytes = 4096;

/// Why a worker leaves between two tasks; what it sends as `leaving`.
struct LeaveNote {
  /// Its number of tasks; too much; closed; more workers than are wanted.
  enum class Why : std::uint32_t { tasks, memory, channel, surplus } why;
  std::uint32_t tasks;                     ///< that it has run
  std::int64_t own_memory_bytes;           ///< Private_Dirty now, for `memory`
  std::int64_t own_memory_at_first_bytes;  ///< the same before its first task
};

/// What is said when the system holds back descriptors that processes send each other.
inline constexpr const char* too_many_descriptors =
    "too many descriptors are on their way between the processes of this node: raise the limit on open files "
    "(ulimit -n), or take fewer workers";

/// From so much of its limit on, a worker is replaced between two tasks.
inline constexpr double large_share = 0.7;

/// What user code did that cut its process off, in words that follow its name.
inline constexpr const char* closed_descriptors =
    "closed descriptors that it had not opened (close-on-exec or closefrom() in a child process is what it "
    "may need)";

}  // namespace acre::node

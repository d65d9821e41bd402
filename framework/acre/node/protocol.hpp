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
  std::string program;                  ///< name of the program, for process titles
  std::int32_t threads_per_worker = 0;  ///< of OpenMP and BLAS; 0: as the environment says, or else 1
  std::uint32_t tasks_per_worker = 0;   ///< a worker is replaced after so many; 0: never
  std::int64_t memory_limit_bytes = 0;  ///< of a worker's own memory (Private_Dirty); 0: none
  std::int64_t grace_ns = 0;            ///< from SIGTERM to SIGKILL for a worker that is to end
};
ACRE_RECORD(PoolSetup, has_preload, has_initializer, preload, initializer, preload_arguments,
            initializer_arguments, cpus, start, program, threads_per_worker, tasks_per_worker,
            memory_limit_bytes, grace_ns)
Bytes encode_setup(const PoolSetup& setup);
PoolSetup decode_setup(ByteView bytes);

/// Agent to preloaded zygote. `start` comes with the worker's memory, socket and bell.
struct ZygoteRequest {
  enum class Kind : std::uint32_t { start, kill } kind;
  std::uint32_t worker;  ///< a number for this worker process, never used twice
};

/// Preloaded zygote to agent. `failed` is followed by words.
struct ZygoteReport {
  enum class Kind : std::uint32_t { preloaded, failed, started, ended } kind;
  std::uint32_t worker;
  pid_t pid;
  int status;                   ///< as waitpid gives it, when ended
  std::int64_t peak_memory_kb;  ///< largest resident size, when ended
};

/// Kinds of messages on a worker's channel.
enum class Down : std::uint32_t { task = 1, stop = 2 };
enum class Up : std::uint32_t { ready = 1, unusable = 2, outcome = 3 };

}  // namespace acre::node

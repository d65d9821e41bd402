// The worker process: runs tasks, one at a time.
#pragma once

#include <sys/types.h>

#include <acre/channel/descriptor.hpp>
#include <acre/node/protocol.hpp>

namespace acre::node {

/// What a worker is born with.
struct WorkerBirth {
  pid_t parent;
  const PoolSetup& setup;
  task::Kept preloaded;
  channel::Descriptor memory, socket, bell, errors;
};

/// The life of a worker, from its fork to its end. Never returns.
[[noreturn]] void worker_main(WorkerBirth birth) noexcept;

}  // namespace acre::node

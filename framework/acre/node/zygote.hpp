// The pristine zygote: a single-threaded process forked before anything else exists, so that forking from it
// is always safe; the ancestor of all workers of this node, and the one who makes sure that none survives the
// agent.
#pragma once

#include <sys/types.h>

#include <acre/channel/descriptor.hpp>
#include <acre/node/protocol.hpp>

namespace acre::node {

/// The agent's handle of its zygote; destroying it (or the agent's death) ends all processes below it.
class Zygote {
 public:
  /// Forks the zygote. Call it before threads and MPI exist; throws acre::Error.
  Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;
  /// Ends the zygote and waits until it has swept its descendants.
  ~Zygote();

  /// Forks a preloaded zygote and returns the socket to it; it reports `preloaded` or `failed` there first.
  /// Any thread; throws acre::Error if the zygote is gone.
  channel::Descriptor open_pool(const PoolSetup& setup);

  pid_t pid() const noexcept { return pid_; }

 private:
  channel::Descriptor socket_;
  pid_t pid_ = -1;
};

}  // namespace acre::node

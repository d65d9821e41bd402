// The preloaded zygote: one per executor and node; runs the preload once, then forks workers that share it.
#pragma once

#include <sys/types.h>

#include <acre/channel/descriptor.hpp>

namespace acre::node {

/// What a preloaded zygote is born with: its agent's socket, a blob with its PoolSetup, and its stderr.
struct PreloadedZygoteBirth {
  pid_t parent;
  channel::Descriptor socket, setup, errors;
};

/// The life of a preloaded zygote. Ends, with all its descendants, when the agent closes the socket.
[[noreturn]] void preloaded_zygote_main(PreloadedZygoteBirth birth) noexcept;

}  // namespace acre::node

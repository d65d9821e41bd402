// The pristine zygote: a single-threaded process forked before anything else exists, so that forking from it
// is always safe; the ancestor of all workers of this node, and the one who makes sure that none survives the
// agent.
#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <span>

#include <acre/channel/descriptor.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/last_words.hpp>
#include <acre/node/protocol.hpp>
#include <acre/node/scratch.hpp>

namespace acre::node {

/// What connects an agent with a preloaded zygote.
struct PoolLine {
  channel::Descriptor socket;    ///< requests and reports; at its end when the preloaded zygote is gone
  channel::Descriptor obituary;  ///< then a ChildEnd comes here, unless the pristine zygote is gone too
  LastWords words;               ///< what the preloaded zygote writes to stderr
};

/// How the preloaded zygote at the end of this line ended; nothing if nobody saw it. Blocks for a second at
/// most.
std::optional<ChildEnd> end_of(const PoolLine& line);

/// The life of a zygote, as a process of its own, at its agent's other end of the socket. Never returns.
/// Removes `scratch` in the end.
[[noreturn]] void zygote_main(channel::Descriptor socket, const std::string& scratch) noexcept;

/// The agent's handle of its zygote; destroying it (or the agent's death) ends all processes below it.
class Zygote {
 public:
  /// Forks the zygote. Call it before threads and MPI exist; throws acre::Error.
  Zygote();
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;
  /// Ends the zygote and waits until it has swept its descendants.
  ~Zygote();

  /// Forks a preloaded zygote; it reports `preloaded` or `failed` on its socket first. A zygote that has died
  /// is replaced by a fresh start of this program. Any thread; throws acre::Error if that cannot be.
  PoolLine open_pool(const PoolSetup& setup);
  /// Folder for the scratch files of all workers of this node, which is removed at the end of the zygote.
  const std::string& scratch() const noexcept { return scratch_; }

 private:
  channel::Sent ask(std::span<const int> descriptors) const;
  void start_again();

  std::mutex mutex_;  ///< guards what follows
  channel::Descriptor socket_;
  pid_t pid_ = -1;
  std::string scratch_ = new_scratch_path();
};

}  // namespace acre::node

// What a hostile worker can reach: the rings it shares with its agent, found from inside a task.
#pragma once

#include <cstddef>
#include <cstdint>

#include <acre/channel/worker_channel.hpp>

namespace acre::test {

/// The shared memory of the worker that this task runs in.
struct OwnRings {
  channel::ControlPage* page = nullptr;
  std::byte* down = nullptr;
  std::byte* up = nullptr;
  int socket = -1;

  /// Finds them in /proc/self. Ends the process if they are not there.
  static OwnRings find();

  /// The header of the message being run.
  channel::MessageHeader& current() const;
  /// The number of the message being run.
  std::uint32_t sequence() const { return channel::Claims::of(current().claim.load()).sequence; }
  /// Publishes a message to the agent that says it is `length` bytes long, of which `bytes` are written.
  void forge(std::uint32_t kind, std::uint32_t length, ByteView bytes = {}, std::uint64_t mark = 0) const;
};

}  // namespace acre::test

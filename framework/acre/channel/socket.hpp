// Local message sockets that can carry descriptors.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include <acre/base/bytes.hpp>
#include <acre/channel/descriptor.hpp>

namespace acre::channel {

/// Two connected SEQPACKET sockets, close-on-exec: whole messages in order, EOF when the other end is gone.
std::pair<Descriptor, Descriptor> socket_pair();

enum class Sent { yes, full, gone };

/// Sends one message with descriptors (at most 8). Blocks if `wait`; throws acre::Error on unexpected errors
/// only.
Sent send_message(int socket, ByteView bytes, std::span<const int> descriptors = {}, bool wait = true);

/// A received message; `end` says that the peer is gone, `none` that nothing is there now.
struct Received {
  enum class State { message, none, end } state = State::none;
  Bytes bytes;
  std::vector<Descriptor> descriptors;
};

/// Receives one message. Blocks if `wait`; throws acre::Error on unexpected errors only.
Received receive_message(int socket, bool wait = true);

}  // namespace acre::channel

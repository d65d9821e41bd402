#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>
#include <acre/cluster/parking.hpp>
#include <acre/launch/signals.hpp>

namespace acre::cluster {
namespace {
constexpr std::uint8_t go_on = 1, drain = 2;

// An address in the abstract namespace: it has no file and goes away with its socket.
struct Address {
  explicit Address(const std::string& name) {
    address.sun_family = AF_UNIX;
    const std::size_t length = std::min(name.size(), sizeof address.sun_path - 1);
    std::memcpy(address.sun_path + 1, name.data(), length);
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  }
  sockaddr_un address{};
  socklen_t size;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

channel::Descriptor new_socket() {
  channel::Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) throw_errno("cannot make a local socket");
  return socket;
}

// An abstract address has no permissions: anybody on the machine can reach it, so the peer's user is checked.
bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}
}  // namespace

ParkingLot::ParkingLot(const std::string& name) : listener_(new_socket()) {
  const Address address(name);
  if (::bind(listener_.get(), address.get(), address.size) != 0 || ::listen(listener_.get(), SOMAXCONN) != 0)
    throw_errno("cannot open a local socket for the ranks of this node");
}

void ParkingLot::admit(std::size_t ranks) {
  constexpr int patience_ms = 60'000;
  while (parked_.size() < ranks) {
    pollfd wait{listener_.get(), POLLIN, 0};
    if (::poll(&wait, 1, patience_ms) == 0)
      throw Error("only " + std::to_string(parked_.size()) + " of the " + std::to_string(ranks) +
                  " other ranks of this node reached their agent within a minute");
    channel::Descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer && same_user(peer.get())) parked_.push_back(std::move(peer));
  }
  listener_.reset();
}

std::vector<int> ParkingLot::descriptors() const {
  std::vector<int> fds;
  for (const auto& rank : parked_) fds.push_back(rank.get());
  return fds;
}

bool ParkingLot::drain_asked() {
  bool asked = false;
  for (const auto& rank : parked_) {
    const channel::Received message = channel::receive_message(rank.get(), false);
    if (message.state == channel::Received::State::end) throw Error("a rank of this node has died");
    asked |= message.state == channel::Received::State::message;
  }
  return asked;
}

void ParkingLot::release() {
  for (const auto& rank : parked_) channel::send_message(rank.get(), bytes_of(go_on));
}

void park(const std::string& name) {
  const channel::Descriptor agent = new_socket();
  const Address address(name);
  if (::connect(agent.get(), address.get(), address.size) != 0 || !same_user(agent.get()))
    throw_errno("cannot reach the agent of this node");
  launch::SignalWatch signals;
  for (;;) {
    std::array<pollfd, 2> waits{{{agent.get(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    while (signals.next()) channel::send_message(agent.get(), bytes_of(drain));
    const channel::Received message = channel::receive_message(agent.get(), false);
    if (message.state == channel::Received::State::end) throw Error("the agent of this node has died");
    if (message.state == channel::Received::State::message) return;
  }
}

}  // namespace acre::cluster

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <acre/base/check.hpp>
#include <acre/base/error.hpp>
#include <acre/channel/socket.hpp>

namespace acre::channel {
namespace {
constexpr std::size_t max_descriptors = 8;
constexpr std::size_t max_message = std::size_t{64} * 1024;

struct ControlBuffer {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(max_descriptors * sizeof(int))> bytes{};
};

void take_descriptors(msghdr& header, std::vector<Descriptor>& out) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      out.emplace_back(fd);
    }
  }
}
}  // namespace

std::pair<Descriptor, Descriptor> socket_pair() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0)
    throw_errno("cannot make a socket pair");
  return {Descriptor(fds[0]), Descriptor(fds[1])};
}

Sent send_message(int socket, ByteView bytes, std::span<const int> descriptors, bool wait) {
  ACRE_CHECK(descriptors.size() <= max_descriptors && bytes.size() <= max_message && !bytes.empty(),
             "a local message is bounded, large ones travel as blobs");
  iovec data{const_cast<std::byte*>(bytes.data()), bytes.size()};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.bytes.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(c), descriptors.data(), descriptors.size_bytes());
  }
  const int flags = MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT);
  while (::sendmsg(socket, &header, flags) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ETOOMANYREFS) return Sent::full;
    if (errno == EPIPE || errno == ECONNRESET) return Sent::gone;
    throw_errno("cannot send on a local socket");
  }
  return Sent::yes;
}

Received receive_message(int socket, bool wait) {
  Received received;
  received.bytes.resize(max_message);
  iovec data{received.bytes.data(), received.bytes.size()};
  ControlBuffer control;
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  for (;;) {
    const ssize_t n = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    // The peer left without reading all: told once, and what it had sent is still there.
    if (n < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    if (n < 0 && errno == EAGAIN) return {};
    if (n < 0) throw_errno("cannot receive from a local socket");
    received.state = n == 0 ? Received::State::end : Received::State::message;
    received.bytes.resize(static_cast<std::size_t>(n));
    take_descriptors(header, received.descriptors);
    return received;
  }
}

}  // namespace acre::channel

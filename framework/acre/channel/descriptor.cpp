#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include <acre/base/error.hpp>
#include <acre/channel/descriptor.hpp>

namespace acre::channel {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Descriptor::reset() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Descriptor out_of_the_way(Descriptor descriptor) noexcept {
  constexpr rlim_t high = 512;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  Descriptor moved(
      ::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, static_cast<int>(std::min(high, limit.rlim_cur / 2))));
  return moved ? std::move(moved) : std::move(descriptor);
}

void write_all(int fd, ByteView bytes, const char* what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno(std::string("cannot write ") + what);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void read_exactly(int fd, std::size_t offset, std::span<std::byte> into, const char* what) {
  for (std::size_t done = 0; done < into.size();) {
    const ssize_t n = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno(std::string("cannot read ") + what);
    if (n == 0) throw Error(std::string("cannot read ") + what + ": it is shorter than announced");
    done += static_cast<std::size_t>(n);
  }
}

Bytes read_exactly(int fd, std::size_t offset, std::size_t size, const char* what) {
  Bytes bytes(size);
  read_exactly(fd, offset, bytes, what);
  return bytes;
}

}  // namespace acre::channel

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <acre/base/error.hpp>
#include <acre/campaign/posix_file.hpp>

namespace acre::campaign {

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) ::close(fd_);
}

PosixFile PosixFile::open(const std::string& path, int flags, const std::string& doing) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (fd < 0) throw_errno(path + ": " + doing);
  return {path, fd};
}

std::uint64_t PosixFile::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) throw_errno(path_ + ": cannot ask for its size");
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t PosixFile::read(std::uint64_t offset, std::byte* into, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd_, into + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(path_ + ": cannot be read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

int PosixFile::write(std::uint64_t offset, ByteView bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return put < 0 ? errno : EIO;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return 0;
}

void PosixFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0)
    throw_errno(path_ + ": cannot be cut to its intact part");
}

void PosixFile::sync() {
  if (::fdatasync(fd_) != 0) throw_errno(path_ + ": cannot be made durable (fdatasync)");
}

void sync_directory_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const PosixFile directory = PosixFile::open(parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY,
                                              "cannot open the directory");
  // Some network file systems have no fsync of directories (EINVAL); their renames are durable by themselves.
  if (::fsync(directory.fd()) != 0 && errno != EINVAL)
    throw_errno(directory.path() + ": cannot be made durable");
}

}  // namespace acre::campaign

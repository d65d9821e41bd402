#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <acre/base/error.hpp>
#include <acre/observe/mapped_file.hpp>

namespace acre::observe {
namespace {
/// Closes a descriptor at the end of the scope.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};
}  // namespace

MappedFile::MappedFile(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status {};
  if (file.fd < 0 || ::fstat(file.fd, &status) != 0) throw_errno("cannot read " + path);
  if (!S_ISREG(status.st_mode)) throw Error("cannot read " + path + ": it is no ordinary file");
  if (status.st_size == 0) return;  // cannot be mapped
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (at == MAP_FAILED) throw_errno("cannot map " + path);
  bytes_ = ByteView(static_cast<const std::byte*>(at), size);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace acre::observe

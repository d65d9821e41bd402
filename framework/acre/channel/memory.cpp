#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <acre/base/error.hpp>
#include <acre/channel/memory.hpp>

namespace acre::channel {

Descriptor create_memory(const char* name, std::size_t size) {
  Descriptor memory(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw_errno("cannot create shared memory");
  if (::ftruncate(memory.get(), static_cast<off_t>(size)) != 0) throw_errno("cannot size shared memory");
  if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    throw_errno("cannot seal shared memory");
  return memory;
}

Descriptor create_blob(ByteView bytes) {
  Descriptor blob(::memfd_create("acre-blob", MFD_CLOEXEC));
  if (!blob) throw_errno("cannot create shared memory for a large message");
  write_all(blob.get(), bytes, "a large message to shared memory");
  return blob;
}

Descriptor create_sealed(ByteView bytes, std::size_t offset) {
  Descriptor memory(::memfd_create("acre-broadcast", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) throw_errno("cannot create shared memory for a broadcast");
  if (::lseek(memory.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
    throw_errno("cannot write a broadcast to shared memory");
  write_all(memory.get(), bytes, "a broadcast to shared memory");
  if (::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    throw_errno("cannot seal shared memory");
  return memory;
}

Mapping Mapping::read_only(int fd, std::size_t size) {
  if (size == 0) return {};
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) throw_errno("cannot map shared memory");
  return {at, size};
}

Mapping Mapping::shared(int fd, std::size_t offset, std::size_t size) {
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
  if (at == MAP_FAILED) throw_errno("cannot map shared memory");
  return {at, size};
}

Mapping Mapping::twice(int fd, std::size_t offset, std::size_t size) {
  void* at = ::mmap(nullptr, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw_errno("cannot reserve address space for a ring");
  Mapping ring(at, 2 * size);
  for (const std::size_t copy : {std::size_t{0}, size}) {
    void* half = ::mmap(ring.data() + copy, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                        static_cast<off_t>(offset));
    if (half == MAP_FAILED) throw_errno("cannot map a ring");
  }
  return ring;
}

void Mapping::keep_from_forks() const noexcept { ::madvise(at_, size_, MADV_DONTFORK); }

void Mapping::make_private() const noexcept {
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  if (::mmap(at_, size_, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) ::_exit(1);
}

Mapping::~Mapping() {
  if (at_ != nullptr) ::munmap(at_, size_);
}

}  // namespace acre::channel

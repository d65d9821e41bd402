#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <acre/channel/descriptor.hpp>
#include <acre/node/own_memory.hpp>

namespace acre::node {
namespace {
using Text = std::array<char, 4096>;

bool read_file_of(pid_t process, const char* name, Text& text) noexcept {
  std::array<char, 64> path{};
  if (process == 0)
    std::snprintf(path.data(), path.size(), "/proc/self/%s", name);
  else
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", static_cast<int>(process), name);
  const channel::Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  const ssize_t n = file ? ::read(file.get(), text.data(), text.size() - 1) : -1;
  if (n <= 0) return false;
  text[static_cast<std::size_t>(n)] = '\0';
  return true;
}
}  // namespace

std::optional<std::int64_t> anonymous_memory(pid_t process) noexcept {
  Text text{};
  long size = 0, resident = 0, of_files = 0;
  if (!read_file_of(process, "statm", text) ||
      std::sscanf(text.data(), "%ld %ld %ld", &size, &resident, &of_files) != 3)
    return std::nullopt;
  return (resident - of_files) * std::int64_t{::sysconf(_SC_PAGESIZE)};
}

std::optional<std::int64_t> own_memory(pid_t process) noexcept {
  Text text{};
  if (!read_file_of(process, "smaps_rollup", text)) return std::nullopt;
  constexpr const char* key = "Private_Dirty:";
  const char* at = std::strstr(text.data(), key);
  if (at == nullptr) return std::nullopt;
  return std::strtoll(at + std::strlen(key), nullptr, 10) * std::int64_t{1024};
}

void keep_freed_memory(bool keep) noexcept {
  constexpr int mappings = 65536, mib = 1 << 20;  // glibc's default, and what its thresholds can grow to
  ::mallopt(M_MMAP_MAX, keep ? 0 : mappings);
  ::mallopt(M_MMAP_THRESHOLD, 32 * mib);
  ::mallopt(M_TRIM_THRESHOLD, (keep ? 256 : 64) * mib);
  if (!keep) ::malloc_trim(0);
}

KeptMemory& KeptMemory::here() {
  static KeptMemory memory;
  return memory;
}

void KeptMemory::keep() noexcept {
  const std::lock_guard lock(mutex_);
  used_ = true;
  if (!std::exchange(keeps_, true)) keep_freed_memory(true);
}

void KeptMemory::tidy() noexcept {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(used_, false) && std::exchange(keeps_, false)) keep_freed_memory(false);
}

void KeptMemory::end() noexcept {
  const std::lock_guard lock(mutex_);
  used_ = false;
  if (std::exchange(keeps_, false)) keep_freed_memory(false);
}

}  // namespace acre::node

#include "executor/own_rings.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>
#include <string>

namespace acre::test {

OwnRings OwnRings::find() {
  OwnRings rings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("memfd:acre-channel") == std::string::npos) continue;
    auto* const at = reinterpret_cast<std::byte*>(std::strtoull(line.c_str(), nullptr, 16));
    const std::size_t offset = std::strtoull(line.c_str() + line.find("rw-s") + 4, nullptr, 16);
    if (offset == 0)
      rings.page = reinterpret_cast<channel::ControlPage*>(at);
    else if (std::byte*& ring = offset < channel::ring_capacity ? rings.down : rings.up; ring == nullptr)
      ring = at;
  }
  for (int fd = 3; fd < 1024; ++fd) {
    struct stat status {};
    if (::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode)) rings.socket = fd;
  }
  if (rings.page == nullptr || rings.down == nullptr || rings.up == nullptr || rings.socket < 0) std::abort();
  return rings;
}

channel::MessageHeader& OwnRings::current() const {
  return *std::launder(
      reinterpret_cast<channel::MessageHeader*>(down + page->down.head.load() % channel::ring_capacity));
}

void OwnRings::forge(std::uint32_t kind, std::uint32_t length, ByteView bytes, std::uint64_t mark) const {
  const std::uint64_t tail = page->up.tail.load();
  std::byte* at = up + tail % channel::ring_capacity;
  auto* header = ::new (at) channel::MessageHeader{};
  header->claim = mark;
  header->length = length;
  header->kind = kind;
  if (!bytes.empty()) std::memcpy(at + sizeof *header, bytes.data(), bytes.size());
  page->up.tail.store(tail + channel::ring_space(bytes.size()));
}

}  // namespace acre::test

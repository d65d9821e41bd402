#include <acre/base/bytes.hpp>

#include <algorithm>

namespace acre {

void move_for(Bytes& buffer, std::size_t more) {
  // What comes with something long is mostly short.
  const std::size_t slack = more < least_long ? 0 : 4096;
  Bytes larger;
  larger.reserve(std::max(2 * buffer.size(), buffer.size() + more + slack));
  larger.resize(buffer.size());
  if (!buffer.empty()) copy_memory(larger.data(), buffer.data(), buffer.size());
  buffer.swap(larger);
}

}  // namespace acre

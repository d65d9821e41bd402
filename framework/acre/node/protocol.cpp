#include <sys/stat.h>

#include <acre/base/error.hpp>
#include <acre/channel/descriptor.hpp>
#include <acre/node/protocol.hpp>
#include <acre/wire/codec.hpp>

namespace acre::node {

Bytes encode_setup(const PoolSetup& setup) { return wire::to_bytes(setup); }

PoolSetup read_setup(int blob) {
  struct stat status {};
  if (::fstat(blob, &status) != 0) throw_errno("cannot read a pool's set-up");
  const auto size = static_cast<std::size_t>(status.st_size);
  return wire::from_bytes<PoolSetup>(channel::read_exactly(blob, 0, size, "a pool's set-up"));
}

}  // namespace acre::node

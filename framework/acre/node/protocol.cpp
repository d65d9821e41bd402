#include <acre/node/protocol.hpp>
#include <acre/wire/codec.hpp>

namespace acre::node {

Bytes encode_setup(const PoolSetup& setup) { return wire::to_bytes(setup); }
PoolSetup decode_setup(ByteView bytes) { return wire::from_bytes<PoolSetup>(bytes); }

}  // namespace acre::node

#include <acre/node/protocol.hpp>
#include <acre/wire/codec.hpp>

namespace acre::node {
namespace {
void encode_id(wire::Writer& writer, const task::FunctionId& id) {
  wire::encode(writer, id.module);
  wire::encode(writer, id.offset);
}

task::FunctionId decode_id(wire::Reader& reader) {
  const auto module = wire::decode<std::uint64_t>(reader);
  return {module, wire::decode<std::uint64_t>(reader)};
}
}  // namespace

Bytes encode_setup(const PoolSetup& setup) {
  Bytes bytes;
  wire::Writer writer(bytes);
  wire::encode(writer, setup.has_preload);
  wire::encode(writer, setup.has_initializer);
  encode_id(writer, setup.preload);
  encode_id(writer, setup.initializer);
  wire::encode(writer, setup.preload_arguments);
  wire::encode(writer, setup.initializer_arguments);
  wire::encode(writer, setup.cpus);
  return bytes;
}

PoolSetup decode_setup(ByteView bytes) {
  wire::Reader reader(bytes);
  PoolSetup setup;
  setup.has_preload = wire::decode<bool>(reader);
  setup.has_initializer = wire::decode<bool>(reader);
  setup.preload = decode_id(reader);
  setup.initializer = decode_id(reader);
  setup.preload_arguments = wire::decode<Bytes>(reader);
  setup.initializer_arguments = wire::decode<Bytes>(reader);
  setup.cpus = wire::decode<std::vector<int>>(reader);
  return setup;
}

}  // namespace acre::node

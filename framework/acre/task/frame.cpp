#include <acre/task/frame.hpp>
#include <acre/wire/codec.hpp>

namespace acre::task {

Bytes pack_failure(const std::string& type, const std::string& message, const Bytes& detail) {
  Bytes payload;
  wire::Writer writer(payload);
  wire::encode(writer, type);
  wire::encode(writer, message);
  wire::encode(writer, detail);
  return payload;
}

void unpack_failure(ByteView payload, Outcome& outcome) {
  wire::Reader reader(payload);
  outcome.type = wire::decode<std::string>(reader);
  outcome.message = wire::decode<std::string>(reader);
  outcome.detail = wire::decode<Bytes>(reader);
}

}  // namespace acre::task

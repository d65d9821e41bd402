// A fuzzer of everything that is decoded: failures from workers, frames from other agents, event logs,
// set-ups and values. The first byte says which.
#include <complex>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <acre/cluster/frames.hpp>
#include <acre/observe/event_frame.hpp>
#include <acre/observe/event_log_reader.hpp>
#include <acre/wire/codec.hpp>

#include "fuzz/input.hpp"

namespace acre::test {
namespace {
using Values = std::tuple<std::string, std::vector<std::map<std::uint32_t, std::optional<double>>>,
                          std::variant<bool, std::complex<float>, std::vector<bool>>>;

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }
void append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

void append_frame(Bytes& log, ByteView payload) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  const observe::FrameHead head{length, ~length, observe::event_checksum(payload, log.size())};
  append(log, bytes_of(head));
  append(log, payload);
}

// Frames with the right checksums, which no fuzzer would guess, around what it makes up.
void read_event_log(Input& input) {
  Bytes log;
  append(log, bytes_of_text(observe::event_log_magic));
  append(log, bytes_of(observe::event_log_version));
  append_frame(log, input.number<std::uint8_t>() % 2 == 0 ? wire::to_bytes(observe::EventLogHeader{})
                                                          : copy(input.bytes(100)));
  while (!input.empty()) append_frame(log, input.bytes(input.number<std::uint8_t>()));
  observe::EventLogReader reader("the fuzzer's", log);
  for (observe::LoggedStep step; reader.next(step);) continue;
}

// What was decoded can be encoded.
template <class T>
void decode(ByteView bytes) {
  wire::to_bytes(wire::from_bytes<T>(bytes));
}

void decode_something(Input& input) {
  switch (input.number<std::uint8_t>() % 9) {
    case 0: {
      task::Outcome outcome;
      return task::unpack_failure(input.rest(), outcome);
    }
    case 1:
      return decode<cluster::Open>(input.rest());
    case 2:
      return decode<std::vector<cluster::TaskOrder>>(input.rest());
    case 3:
      return decode<std::vector<cluster::TaskResult>>(input.rest());
    case 4:
      return decode<std::vector<cluster::RecallOrder>>(input.rest());
    case 5:
      return decode<std::vector<cluster::RecallAnswer>>(input.rest());
    case 6:
      return read_event_log(input);
    case 7: {
      const ByteView bytes = input.rest();
      observe::EventLogReader reader("the fuzzer's", bytes);
      for (observe::LoggedStep step; reader.next(step);) continue;
      return;
    }
    default:
      return decode<Values>(input.rest());
  }
}

}  // namespace
}  // namespace acre::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  acre::test::Input input(data, size);
  try {
    acre::test::decode_something(input);
  } catch (const acre::Error&) {
    return 0;
  }
  return 0;
}

// A fuzzer of everything that is decoded: failures from workers, frames from other agents, event logs,
// set-ups and values. The first byte says which.
#include <complex>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <acre/cluster/batches.hpp>
#include <acre/cluster/frames.hpp>
#include <acre/observe/event_frame.hpp>
#include <acre/observe/event_log_reader.hpp>
#include <acre/task/frame.hpp>
#include <acre/wire/codec.hpp>

#include "fuzz/input.hpp"
#include "support/member_events.hpp"

namespace acre::test {
namespace {
using Values = std::tuple<std::string, std::vector<std::map<std::uint32_t, std::optional<double>>>,
                          std::variant<bool, std::complex<float>, std::vector<bool>>>;

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

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

// Tasks from the root, as an agent takes them.
void take_tasks(ByteView bytes) {
  auto batch = wire::from_bytes<cluster::TaskBatch>(bytes);
  batch.check();
  cluster::OrderReader reader(batch);
  for (const cluster::TaskOrder& order : batch.orders) {
    const node::TaskRequest request = reader.next(order);
    for (std::uint32_t place = 0; place < request.count(); ++place) copy(request.arguments_of(place));
  }
}

// Looks at each value that it hears of.
class Listener final : public DeafToMembers {
  void returned(ChunkId, std::uint32_t, const task::Values& values) override {
    for (std::uint32_t i = 0; i < values.count(); ++i) values.outcome_of(i);
  }
};

// Values from an agent, as the root takes them.
void take_values(ByteView bytes) {
  const auto batch = wire::from_bytes<cluster::ValueBatch>(bytes);
  batch.check();
  Listener listener;
  task::Values scratch;
  batch.tell(listener, scratch);
}

void decode_something(Input& input) {
  switch (input.number<std::uint8_t>() % 10) {
    case 0: {
      task::Outcome outcome;
      return task::unpack_failure(input.rest(), outcome);
    }
    case 1:
      return decode<cluster::Open>(input.rest());
    case 2:
      return take_tasks(input.rest());
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
    case 8:
      return take_values(input.rest());
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

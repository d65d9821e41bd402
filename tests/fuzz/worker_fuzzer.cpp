// A fuzzer of the agent's side of one worker: it deals, takes back, reads and looks while the shared memory
// and the socket hold what the fuzzer wants.
#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include <acre/channel/socket.hpp>
#include <acre/node/pool_worker.hpp>

#include "fuzz/input.hpp"

namespace acre::test {
namespace {
constexpr std::size_t control_size = 4096;
constexpr std::size_t shared_size = control_size + 2 * channel::ring_capacity;
constexpr std::uint32_t blob_bit = 0x8000'0000;

/// A worker that obeys the fuzzer.
class Puppet {
 public:
  Puppet()
      : memory_(channel::Mapping::shared(worker_.channel().memory(), 0, shared_size)),
        socket_(::dup(worker_.channel().worker_socket())) {
    worker_.channel().sent();
  }

  /// One move of the agent or of the worker. Throws acre::Error when the agent has found the worker out.
  void move(Input& input) {
    switch (input.number<std::uint8_t>() % 12) {
      case 0:
        return scribble(input);
      case 1:
        return nudge(input);
      case 2:
        return forge(input, 0);
      case 3:
        return send_blob(input);
      case 4:
        return deal(input);
      case 5:
        worker_.recall(chunk(input), input.number<std::uint8_t>());
        return;
      case 6:
        worker_.flush();
        return;
      case 7:
        return read();
      case 8:
        worker_.newly_running();
        worker_.deed();
        return;
      case 9:
        worker_.looks_hung({input.number<std::int32_t>()}, Duration(1000));
        return;
      case 10:
        return sleep(input);
      default:
        return claim_next();
    }
  }

 private:
  static ChunkId chunk(Input& input) { return ChunkId{input.number<std::uint8_t>() % 4u}; }
  channel::ControlPage& page() {
    return *std::launder(reinterpret_cast<channel::ControlPage*>(memory_.data()));
  }
  std::byte* down() { return memory_.data() + control_size; }
  std::byte* up() { return down() + channel::ring_capacity; }

  void scribble(Input& input) {
    const std::size_t at = input.number<std::uint32_t>() % shared_size;
    const ByteView bytes = input.bytes(input.number<std::uint8_t>());
    std::memcpy(memory_.data() + at, bytes.data(), std::min(bytes.size(), shared_size - at));
  }

  void nudge(Input& input) {
    std::atomic<std::uint64_t>* const words[] = {&page().up.tail, &page().up.head, &page().down.tail,
                                                 &page().down.head};
    words[input.number<std::uint8_t>() % 4]->fetch_add(
        static_cast<std::uint64_t>(std::int64_t{input.number<std::int16_t>()} * 16));
  }

  // A message whose length and kind may be lies.
  void forge(Input& input, std::uint32_t bits) {
    const std::uint64_t tail = page().up.tail.load();
    const std::size_t at = tail % channel::ring_capacity / 16 * 16;
    channel::MessageHeader head{};
    head.claim = input.number<std::uint8_t>() % 4 == 0 ? input.number<std::uint64_t>() : mark(input);
    head.kind = (input.number<std::uint8_t>() % 8u) | bits;
    head.length = input.number<std::uint32_t>() >> input.number<std::uint8_t>() % 32;
    const std::uint16_t step = input.number<std::uint16_t>();
    std::memcpy(up() + at, static_cast<const void*>(&head), sizeof head);
    page().up.tail.store(tail + (step % 2 == 0 ? channel::ring_space(head.length) : step % 64 * 16u));
  }

  // What a decent worker would put beside a value or an outcome.
  static std::uint64_t mark(Input& input) {
    const std::uint64_t progress =
        channel::progress_at(input.number<std::uint8_t>() % 8u, input.number<std::uint8_t>() % 8u);
    return input.number<std::uint8_t>() % 2 == 0 ? progress : node::value_mark(progress, 1000);
  }

  void send_blob(Input& input) {
    const channel::Descriptor blob = channel::create_blob(input.bytes(input.number<std::uint8_t>()));
    if (input.number<std::uint8_t>() % 4 == 0 && ::ftruncate(blob.get(), input.number<std::uint32_t>()) != 0)
      return;
    const auto announced = input.number<std::uint64_t>() >> input.number<std::uint8_t>() % 64;
    const std::array<int, 1> fds{blob.get()};
    const auto count = static_cast<std::size_t>(input.number<std::uint8_t>() % 2);
    const channel::LargePlace place{input.number<std::uint64_t>() >> input.number<std::uint8_t>() % 64,
                                    announced};
    channel::send_message(socket_.get(), bytes_of(place), std::span(fds).first(count), false);
    forge(input, blob_bit);
  }

  void deal(Input& input) {
    const std::uint32_t count = 1 + input.number<std::uint8_t>() % 8u;
    const std::size_t size = input.number<std::uint16_t>();
    node::TaskRequest request;
    for (std::size_t i = 1; count > 1 && i <= count; ++i) request.ends.push_back(i * size);
    request.arguments.resize(count * size);
    worker_.dispatch({.chunk = chunk(input), .first = 0, .count = count, .attempt = 1}, request);
  }

  void read() {
    task::Values values;
    worker_.take_values(values);
    for (std::uint32_t i = 0; i < values.count(); ++i) values.bytes_of(i);
    channel::OwnedMessage message;
    if (!worker_.channel().read(message) || message.payload.size() < sizeof(task::OutcomeHead)) return;
    task::OutcomeHead head;
    std::memcpy(&head, message.payload.data(), sizeof head);
    task::Outcome outcome;
    worker_.take(message.mark, {0, head.start_ns, head.run_ns});
    task::unpack_failure(message.behind(sizeof head), outcome);
  }

  void sleep(Input& input) {
    node::SleepPlan plan;
    plan.low_water = input.number<std::uint8_t>() % 2 == 0;
    if (input.number<std::uint8_t>() % 2 == 0) plan.awaited_at = {chunk(input), input.number<std::uint8_t>()};
    worker_.prepare_sleep(plan);
  }

  // What a decent worker would do.
  void claim_next() {
    const std::uint64_t head = page().down.head.load();
    auto* message = std::launder(
        reinterpret_cast<channel::MessageHeader*>(down() + head % channel::ring_capacity / 16 * 16));
    std::uint64_t seen = message->claim.load();
    channel::Claims claims = channel::Claims::of(seen);
    if (claims.begun < claims.items) ++claims.begun;
    message->claim.compare_exchange_strong(seen, claims.word());
    if (claims.begun < claims.items) return;
    page().down.head.store(head + channel::ring_space(message->length));
  }

  node::PoolWorker worker_{0};
  channel::Mapping memory_;
  channel::Descriptor socket_;
};

}  // namespace
}  // namespace acre::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  acre::test::Input input(data, size);
  acre::test::Puppet puppet;
  try {
    while (!input.empty()) puppet.move(input);
  } catch (const acre::Error&) {
    return 0;
  }
  return 0;
}

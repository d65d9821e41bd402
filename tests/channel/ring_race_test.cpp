// The ring between two real processes that race: nothing is lost, nothing comes twice.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <acre/base/time.hpp>
#include <array>
#include <atomic>
#include <deque>
#include <random>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
using channel::Claim;
using channel::RingConsumer;
using channel::RingProducer;

// One mark per message, seen by both processes.
class Marks {
 public:
  explicit Marks(std::size_t count)
      : memory_(channel::create_memory("marks", (count + 4095) / 4096 * 4096)),
        mapping_(channel::Mapping::shared(memory_.get(), 0, (count + 4095) / 4096 * 4096)) {}
  std::atomic<std::uint8_t>& operator[](std::size_t i) const {
    return *reinterpret_cast<std::atomic<std::uint8_t>*>(mapping_.data() + i);
  }

 private:
  channel::Descriptor memory_;
  channel::Mapping mapping_;
};

constexpr std::uint32_t last_kind = 9;

std::uint32_t number_in(ByteView payload) {
  std::uint32_t number = 0;
  std::memcpy(&number, payload.data(), sizeof number);
  return number;
}

bool intact(ByteView payload) {
  for (std::size_t i = 4; i < payload.size(); ++i)
    if (payload[i] != payload[4]) return false;
  return true;
}

// Claims what it can and marks it, until the last message; 0 if all payloads were intact.
int consume(RingConsumer consumer, const Marks& ran) {
  for (;;) {
    const auto message = consumer.peek();
    if (!message) {
      ::sched_yield();
      continue;
    }
    if (message->kind == last_kind) return 0;
    if (consumer.claim()) {
      if (!intact(message->payload)) return 1;
      ran[number_in(message->payload)].fetch_add(1);
    }
    consumer.release();
  }
}

struct Sent {
  std::uint32_t number;
  RingProducer::Ticket ticket;
};

std::string payload_of(std::uint32_t number, std::size_t length) {
  std::string text(4 + length, static_cast<char>(number));
  std::memcpy(text.data(), &number, sizeof number);
  return text;
}

TEST(RingRace, every_message_is_either_run_once_or_recalled) {
  constexpr std::uint32_t count = 300'000;
  const TestRing ring(64 * 1024);
  const Marks ran(count);
  const pid_t child = in_child([&] { return consume(ring.consumer(), ran); });
  RingProducer producer = ring.producer();
  std::mt19937 random(20260101);
  std::vector<bool> recalled(count);
  std::deque<Sent> sent;
  for (std::uint32_t number = 0; number < count; ++number) {
    const std::string payload = payload_of(number, random() % 200);
    while (!producer.fits(payload.size())) ::sched_yield();
    sent.push_back({number, producer.write(1, {view_of(payload)})});
    if (sent.size() > 64) sent.pop_front();
    if (random() % 3 != 0) continue;
    const Sent& victim = sent[random() % sent.size()];
    if (producer.claim(victim.ticket) != Claim::recalled && producer.recall(victim.ticket))
      recalled[victim.number] = true;
  }
  while (!producer.fits(0)) ::sched_yield();
  producer.write(last_kind, {});
  ASSERT_EQ(end_of(child), 0);
  std::uint32_t taken_back = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    ASSERT_EQ(ran[number].load(), recalled[number] ? 0 : 1) << number;
    taken_back += recalled[number] ? 1 : 0;
  }
  EXPECT_GT(taken_back, 100u) << "no race took place";
  EXPECT_LT(taken_back, count - 100);
}

// Kills a consumer in the middle of its work; the claims must then tell what it had begun.
void kill_in_the_middle(std::uint32_t begun_before_kill) {
  constexpr std::uint32_t count = 4000;
  const TestRing ring(128 * 1024);
  const Marks begun(count);
  RingProducer producer = ring.producer();
  std::vector<RingProducer::Ticket> tickets;
  for (std::uint32_t number = 0; number < count; ++number)
    tickets.push_back(producer.write(1, {bytes_of(number)}));
  const pid_t child = in_child([&] { return consume(ring.consumer(), begun); });
  while (begun[begun_before_kill].load() == 0) ::sched_yield();
  ::kill(child, SIGKILL);
  ASSERT_EQ(end_of(child), -SIGKILL);
  std::uint32_t running = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    const Claim claim = producer.claim(tickets[number]);
    const bool claimed = claim == Claim::claimed, began = begun[number].load() != 0;
    EXPECT_TRUE(claimed || !began) << number;
    running += claimed && !began ? 1 : 0;
  }
  EXPECT_LE(running, 1u) << "of those that left no trace at most one was claimed";
}

TEST(RingRace, the_claims_of_a_killed_consumer_tell_what_it_had_begun) {
  for (std::uint32_t i = 0; i < 30; ++i) kill_in_the_middle(100 * i);
}

}  // namespace
}  // namespace acre::test

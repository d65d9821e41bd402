// The ring between two sides that race: nothing is lost, nothing comes twice.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <acre/base/time.hpp>
#include <array>
#include <atomic>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
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

// Claims what it can and marks it, until the last message; 0 if all payloads were intact. Items of a message
// have numbers that follow one another.
int consume(RingConsumer consumer, const Marks& ran) {
  for (;;) {
    const auto message = consumer.peek();
    if (!message) {
      ::sched_yield();
      continue;
    }
    if (message->kind == last_kind) return 0;
    const std::uint32_t ahead = number_in(message->payload) % 3;  // of some messages it claims more at once
    std::uint32_t number = number_in(message->payload);
    while (const std::uint32_t claimed = consumer.claim(1 + ahead)) {
      if (!intact(message->payload)) return 1;
      for (std::uint32_t i = 0; i < claimed; ++i) ran[number++].fetch_add(1);
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

TEST(RingRace, every_item_is_either_run_once_or_recalled) {
  constexpr std::uint32_t messages = 200'000, most_items = 5;
  const TestRing ring(64 * 1024);
  const Marks ran(messages * most_items);
  const pid_t child = in_child([&] { return consume(ring.consumer(), ran); });
  RingProducer producer = ring.producer();
  std::mt19937 random(20260101);
  std::vector<bool> recalled(messages * most_items);
  std::deque<Sent> sent;
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < messages; ++i) {
    const std::string payload = payload_of(count, random() % 200);
    const std::uint32_t items = 1 + random() % most_items;
    while (!producer.fits(payload.size())) ::sched_yield();
    sent.push_back({count, producer.write(1, {view_of(payload)}, items)});
    count += items;
    if (sent.size() > 64) sent.pop_front();
    if (random() % 3 != 0) continue;
    Sent& victim = sent[random() % sent.size()];
    for (std::uint32_t taken = producer.recall(victim.ticket, 1 + random() % 3); taken > 0; --taken)
      recalled[victim.number + victim.ticket.items + taken - 1] = true;
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
void kill_in_the_middle(std::uint32_t items, std::uint32_t begun_before_kill) {
  constexpr std::uint32_t count = 4000;
  const TestRing ring(128 * 1024);
  const Marks begun(count);
  RingProducer producer = ring.producer();
  std::vector<RingProducer::Ticket> tickets;
  for (std::uint32_t number = 0; number < count; number += items)
    tickets.push_back(producer.write(1, {bytes_of(number)}, items));
  const pid_t child = in_child([&] { return consume(ring.consumer(), begun); });
  while (begun[begun_before_kill].load() == 0) ::sched_yield();
  ::kill(child, SIGKILL);
  ASSERT_EQ(end_of(child), -SIGKILL);
  std::uint32_t running = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    const bool claimed = number % items < producer.begun(tickets[number / items]);
    const bool began = begun[number].load() != 0;
    EXPECT_TRUE(claimed || !began) << number;
    running += claimed && !began ? 1 : 0;
  }
  EXPECT_LE(running, 3u) << "of those that left no trace at most one was claimed, or two ahead of it";
}

TEST(RingRace, the_claims_of_a_killed_consumer_tell_what_it_had_begun) {
  for (const std::uint32_t items : {1u, 50u})
    for (std::uint32_t i = 0; i < 15; ++i) kill_in_the_middle(items, 200 * i);
}

// Puts messages that are numbered in order, and says after each that it was put.
template <class Said>
void put_numbered(RingProducer producer, std::uint32_t count, Said said) {
  std::mt19937 random(20260102);
  for (std::uint32_t number = 0; number < count; ++number) {
    const std::string payload = payload_of(number, random() % 40);
    while (!producer.fits(payload.size())) ::sched_yield();
    producer.put(1, number, {}, view_of(payload));
    said(number);
  }
}

// Takes the messages that are there, the next of which is number `next`; whether they are what they should
// be.
bool take_numbered(RingConsumer& consumer, std::uint32_t& next) {
  bool good = true;
  consumer.take_while([&](const RingConsumer::Message& message) {
    good = good && message.mark == next && number_in(message.payload) == next && intact(message.payload);
    ++next;
    return good;
  });
  return good;
}

TEST(RingRace, messages_taken_together_come_in_order_and_whole) {
  constexpr std::uint32_t count = 300'000;
  const TestRing ring(16 * 1024);
  std::thread other([&] { put_numbered(ring.producer(), count, [](std::uint32_t) {}); });
  RingConsumer consumer = ring.consumer();
  std::uint32_t next = 0;
  for (bool good = true; good && next < count;) {
    good = take_numbered(consumer, next);
    EXPECT_TRUE(good) << next;
    if (!consumer.available()) ::sched_yield();
  }
  other.join();
  EXPECT_EQ(next, count);
}

// As a worker that is killed between two results, or while it writes one.
TEST(RingRace, of_a_killed_producer_all_is_there_that_it_had_put) {
  for (std::uint32_t i = 0; i < 20; ++i) {
    constexpr std::uint32_t count = 4000;
    const TestRing ring(512 * 1024);
    const Marks put(count);
    const pid_t child = in_child([&] {
      put_numbered(ring.producer(), count, [&](std::uint32_t number) { put[number].store(1); });
      return 0;
    });
    while (put[150 * i].load() == 0) ::sched_yield();
    ::kill(child, SIGKILL);
    end_of(child);
    std::uint32_t said = 0, next = 0;
    while (said < count && put[said].load() != 0) ++said;
    RingConsumer consumer = ring.consumer();
    EXPECT_TRUE(take_numbered(consumer, next));
    EXPECT_GE(next, said);
    EXPECT_LE(next, said + 1);
  }
}

}  // namespace
}  // namespace acre::test

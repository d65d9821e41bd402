// The ring of one process: what goes in comes out, whatever wraps, is full, claimed, recalled or broken.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
using channel::Claims;
using channel::ring_space;
using channel::RingConsumer;
using channel::RingProducer;
using channel::Violation;

TEST(Ring, space_is_header_and_payload_in_steps_of_8) {
  EXPECT_EQ(ring_space(0), 16u);
  EXPECT_EQ(ring_space(1), 24u);
  EXPECT_EQ(ring_space(8), 24u);
  EXPECT_EQ(ring_space(9), 32u);
}

TEST(Ring, passes_messages_in_order) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  EXPECT_FALSE(consumer.available());
  EXPECT_FALSE(consumer.peek());
  producer.write(7, {view_of("one"), view_of(""), view_of(" and more")});
  producer.write(8, {});
  auto message = consumer.peek();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, 7u);
  EXPECT_EQ(message->sequence, 1u);
  EXPECT_EQ(text_of(message->payload), "one and more");
  EXPECT_EQ(consumer.claim(), 1u);
  consumer.release();
  message = consumer.peek();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, 8u);
  EXPECT_EQ(message->sequence, 2u);
  EXPECT_TRUE(message->payload.empty());
  consumer.release();
  EXPECT_FALSE(consumer.available());
}

// Every length at every place of the ring, payloads lying across its end included.
TEST(Ring, wraps_without_breaking_a_message) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  for (std::size_t i = 0; i < 5000; ++i) {
    const std::string text(i * 37 % 3000, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(producer.fits(text.size()));
    producer.write(static_cast<std::uint32_t>(i), {view_of(text)});
    const auto message = consumer.peek();
    ASSERT_TRUE(message);
    ASSERT_EQ(message->kind, i);
    ASSERT_EQ(text_of(message->payload), text);
    consumer.release();
  }
}

TEST(Ring, is_full_to_the_last_byte_and_no_further) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  EXPECT_TRUE(producer.fits(4096 - 16));
  EXPECT_FALSE(producer.fits(4096 - 15));
  for (int i = 0; i < 256; ++i) {
    ASSERT_TRUE(producer.fits(0)) << i;
    producer.write(1, {});
  }
  EXPECT_FALSE(producer.fits(0));
  ASSERT_TRUE(consumer.peek());
  EXPECT_FALSE(producer.fits(0)) << "a message that is read but not released takes its space";
  consumer.release();
  EXPECT_TRUE(producer.fits(0));
  EXPECT_FALSE(producer.fits(1));
  std::size_t left = 0;
  for (; consumer.peek(); ++left) consumer.release();
  EXPECT_EQ(left, 255u);
  EXPECT_TRUE(producer.fits(4096 - 16));
}

TEST(Ring, a_message_is_either_claimed_or_recalled) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  auto first = producer.write(1, {}), second = producer.write(2, {}), third = producer.write(3, {});
  EXPECT_EQ(producer.begun(first), 0u);
  consumer.peek();
  EXPECT_EQ(consumer.claim(), 1u);
  EXPECT_EQ(producer.begun(first), 1u);
  EXPECT_EQ(producer.recall(first, 1), 0u) << "it is being run";
  EXPECT_EQ(producer.recall(second, 1), 1u);
  EXPECT_EQ(second.items, 0u);
  EXPECT_EQ(producer.begun(second), 0u);
  EXPECT_EQ(consumer.claim(), 0u) << "it has one item";
  consumer.release();
  consumer.peek();
  EXPECT_EQ(consumer.claim(), 0u);
  consumer.release();
  consumer.peek();
  EXPECT_EQ(consumer.claim(), 1u);
  consumer.release();
  EXPECT_EQ(producer.recall(third, 1), 0u);
  EXPECT_EQ(producer.begun(third), 1u);
}

TEST(Ring, items_are_begun_in_order_and_taken_back_from_the_end) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  auto ticket = producer.write(1, {}, 10);
  consumer.peek();
  for (int item = 0; item < 3; ++item) EXPECT_EQ(consumer.claim(), 1u);
  EXPECT_EQ(producer.begun(ticket), 3u);
  EXPECT_EQ(producer.recall(ticket, 2), 2u);
  EXPECT_EQ(ticket.items, 8u);
  EXPECT_EQ(consumer.claim(2), 2u);
  EXPECT_EQ(producer.recall(ticket, 100), 3u) << "all that has not begun";
  EXPECT_EQ(producer.recall(ticket, 1), 0u);
  EXPECT_EQ(producer.begun(ticket), 5u);
  EXPECT_EQ(consumer.claim(), 0u);
}

TEST(Ring, a_message_has_as_many_items_as_a_claim_word_counts) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  auto ticket = producer.write(1, {}, channel::most_items);
  consumer.peek();
  EXPECT_EQ(consumer.claim(1000), 1000u);
  EXPECT_EQ(producer.recall(ticket, 2), 2u);
  EXPECT_EQ(consumer.claim(channel::most_items), channel::most_items - 1002) << "as many as are left";
  EXPECT_EQ(consumer.claim(), 0u);
}

// The place of a message that is gone belongs to another one: its claim word must not be looked at.
TEST(Ring, tickets_of_messages_that_are_gone_are_harmless) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  auto old = producer.write(1, {});
  consumer.peek();
  consumer.claim();
  consumer.release();
  for (int i = 0; i < 256; ++i) {
    ASSERT_TRUE(producer.fits(0));
    producer.write(2, {});
  }
  EXPECT_EQ(producer.recall(old, 1), 0u);
  EXPECT_EQ(producer.begun(old), 1u);
}

TEST(Ring, a_hostile_producer_is_found_out) {
  const auto expect_violation = [](auto tamper) {
    const TestRing ring;
    RingProducer producer = ring.producer();
    RingConsumer consumer = ring.consumer();
    producer.write(1, {view_of("message")});
    tamper(ring);
    EXPECT_THROW(
        {
          while (consumer.peek()) {
            consumer.claim();
            consumer.release();
          }
        },
        Violation);
  };
  expect_violation([](const TestRing& ring) { ring.indices()->tail = 4096 + 16; });
  expect_violation([](const TestRing& ring) { ring.indices()->tail = ~std::uint64_t{0}; });
  expect_violation([](const TestRing& ring) { ring.indices()->tail = 33; });
  expect_violation([](const TestRing& ring) { ring.header_at(0).length = 17; });
  expect_violation([](const TestRing& ring) { ring.header_at(0).length = 0xffff'ffff; });
  expect_violation([](const TestRing& ring) { ring.header_at(0).claim = 0; });
  expect_violation([](const TestRing& ring) { ring.header_at(0).claim = Claims{2, 0, 1}.word(); });
  expect_violation([](const TestRing& ring) { ring.header_at(0).claim = Claims{1, 2, 1}.word(); });
  expect_violation([](const TestRing& ring) { ring.header_at(0).claim = Claims{1, 1, 2}.word(); });
}

TEST(Ring, messages_with_marks_are_taken_together_while_they_are_wanted) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  producer.put(1, 100, {}, view_of("one"));
  producer.put(1, 101, view_of("tw"), view_of("o"));
  producer.put(2, 102, view_of("else"), {});
  std::vector<std::pair<std::uint64_t, std::string>> taken;
  const auto take = [&](const RingConsumer::Message& message) {
    if (message.kind != 1) return false;
    taken.emplace_back(message.mark, text_of(message.payload));
    return true;
  };
  consumer.take_while(take);
  const std::vector<std::pair<std::uint64_t, std::string>> expected{{100, "one"}, {101, "two"}};
  EXPECT_EQ(taken, expected);
  consumer.take_while(take);
  EXPECT_EQ(taken, expected) << "the next one is not wanted";
  const auto left = consumer.peek();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->sequence, 3u);
  EXPECT_EQ(left->mark, 102u);
  EXPECT_EQ(text_of(left->payload), "else");
  consumer.release();
  EXPECT_TRUE(producer.fits(4096 - 16)) << "all space was given back";
}

TEST(Ring, space_of_messages_taken_together_comes_back_before_the_last_one) {
  const TestRing ring(2 * 4096);
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  for (std::uint64_t i = 0; i < 512; ++i) producer.put(1, i, {}, {});
  std::uint64_t taken = 0;
  consumer.take_while([&](const RingConsumer::Message& message) {
    EXPECT_EQ(message.mark, taken);
    EXPECT_EQ(producer.fits(0), taken > 255) << taken;
    ++taken;
    return true;
  });
  EXPECT_EQ(taken, 512u);
}

TEST(Ring, a_lie_among_messages_taken_together_is_found_out) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  for (std::uint64_t i = 0; i < 3; ++i) producer.put(1, i, {}, view_of("x"));
  ring.header_at(2 * ring_space(1)).length = 17;
  std::uint64_t taken = 0;
  EXPECT_THROW(consumer.take_while([&](const auto&) { return ++taken != 0; }), Violation);
  EXPECT_EQ(taken, 2u);
}

TEST(Ring, indices_that_go_back_are_found_out) {
  const TestRing ring;
  RingProducer producer = ring.producer();
  RingConsumer consumer = ring.consumer();
  producer.write(1, {});
  consumer.peek();
  consumer.release();
  ring.indices()->tail = 0;
  EXPECT_THROW(consumer.available(), Violation);
}

TEST(Ring, a_hostile_consumer_is_found_out) {
  const auto fill_and = [](auto tamper) {
    const TestRing ring;
    RingProducer producer = ring.producer();
    for (int i = 0; i < 256; ++i) producer.write(1, {});
    tamper(ring);
    EXPECT_THROW(producer.fits(0), Violation);
  };
  fill_and([](const TestRing& ring) { ring.indices()->head = 4096 + 16; });
  fill_and([](const TestRing& ring) { ring.indices()->head = ~std::uint64_t{0}; });
  fill_and([](const TestRing& ring) { ring.indices()->head = 4; });
  const TestRing ring;
  RingProducer producer = ring.producer();
  auto ticket = producer.write(1, {}, 5);
  for (const Claims wrong :
       {Claims{0, 0, 77}, Claims{2, 0, 5}, Claims{1, 0, 4}, Claims{1, 0, 6}, Claims{1, 6, 5}}) {
    ring.header_at(0).claim = wrong.word();
    EXPECT_THROW(producer.recall(ticket, 1), Violation);
    EXPECT_THROW(producer.begun(ticket), Violation);
  }
}

}  // namespace
}  // namespace acre::test

// The channel between an agent and its worker, with the worker in a process of its own.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <acre/channel/worker_channel.hpp>
#include <array>
#include <string>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
using channel::AgentEnd;
using channel::blob_threshold;
using channel::OwnedMessage;
using channel::ring_capacity;
using channel::WorkerEnd;

constexpr std::uint32_t work = 1, stop = 2;

void echo(WorkerEnd& end, const OwnedMessage& message) {
  end.write(message.kind, message.is_large ? ByteView(message.payload) : ByteView(), message.behind(0));
}

// Head and body, or what came in one piece.
std::string all_of(const OwnedMessage& message) {
  return (message.is_large ? text_of(message.payload) : "") + text_of(message.behind(0));
}

class WorkerChannel : public testing::Test {
 protected:
  // Starts the worker; `life` gets its end of the channel.
  template <class Life>
  void start(Life life) {
    child_ = in_child([&] {
      WorkerEnd end(channel::Descriptor(::dup(agent.memory())),
                    channel::Descriptor(::dup(agent.worker_socket())), channel::Descriptor(::dup(bell.fd())));
      life(end);
      return 0;
    });
    agent.sent();
  }
  // Sends back what it gets, until it is told to stop.
  void start_echo() {
    start([](WorkerEnd& end) {
      for (;;) {
        const OwnedMessage& message = end.claim_next();
        if (message.kind == stop) return;
        do {
          echo(end, message);
          end.ring_if_asked();
        } while (end.claim_item());
        end.release();
      }
    });
  }
  // The next message from the worker. Fails the test if none comes.
  OwnedMessage receive() {
    for (int rounds = 0; rounds < 2000; ++rounds) {
      bell.clear();
      if (OwnedMessage message; read(message)) return message;
      pollfd wait{bell.fd(), POLLIN, 0};
      ::poll(&wait, 1, 10);
    }
    ADD_FAILURE() << "no message came";
    return {};
  }
  bool read(OwnedMessage& message) {
    const bool any = agent.read(message);
    agent.have_read();
    return any;
  }
  // Reads so many messages, without waiting for a ring.
  void read_away(int count) {
    for (OwnedMessage message; count > 0;) count -= read(message) ? 1 : 0;
  }
  void send(std::uint32_t kind, const std::string& payload) {
    while (!agent.write(kind, {}, view_of(payload))) agent.wake();
    agent.wake();
  }
  void expect_end() {
    send(stop, "");
    EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
  }
  ~WorkerChannel() override {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    end_of(child_);
  }

  AgentEnd agent;
  channel::EventBell bell;
  pid_t child_ = -1;
};

TEST_F(WorkerChannel, carries_messages_of_every_size) {
  start_echo();
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, blob_threshold - 1, blob_threshold,
                                   blob_threshold + 1, ring_capacity, std::size_t{1} << 20}) {
    const std::string text(length, 'x');
    send(work, text);
    EXPECT_EQ(all_of(receive()), text);
  }
  expect_end();
}

TEST_F(WorkerChannel, head_and_body_arrive_and_are_told_apart_if_large) {
  start_echo();
  for (const std::size_t length : {std::size_t{5}, 2 * blob_threshold}) {
    const std::string body(length, 'b');
    agent.write(work, view_of("head "), view_of(body));
    agent.wake();
    const OwnedMessage message = receive();
    EXPECT_EQ(all_of(message), "head " + body);
    EXPECT_EQ(message.is_large, length > blob_threshold);
    EXPECT_EQ(text_of(message.behind(message.is_large ? 0 : 5)), body);
  }
  expect_end();
}

TEST_F(WorkerChannel, is_full_rather_than_blocking_the_agent) {
  const std::string text(1000, 'x');
  std::size_t sent = 0;
  while (agent.write(work, view_of(text), {})) ++sent;
  EXPECT_EQ(sent, ring_capacity / channel::ring_space(1000));
  start_echo();
  agent.wake();
  for (std::size_t i = 0; i < sent; ++i) EXPECT_EQ(all_of(receive()), text);
  expect_end();
}

TEST_F(WorkerChannel, a_worker_waits_for_room_until_the_agent_reads) {
  start([](WorkerEnd& end) {
    for (int i = 0; i < 2000; ++i) end.write(work, {}, view_of(std::string(1000, static_cast<char>(i))));
  });
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(all_of(receive()), std::string(1000, static_cast<char>(i)));
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

TEST_F(WorkerChannel, recalled_messages_are_passed_over_large_ones_too) {
  std::vector<channel::RingProducer::Ticket> tickets;
  for (int i = 0; i < 10; ++i) {
    const std::string text(i % 2 == 0 ? 10 : 2 * blob_threshold, static_cast<char>('a' + i));
    tickets.push_back(*agent.write(work, {}, view_of(text)));
  }
  for (const std::size_t i : {0, 1, 5, 6, 9}) EXPECT_EQ(agent.recall(tickets[i], 1), 1u);
  start_echo();
  agent.wake();
  for (const int i : {2, 3, 4, 7, 8})
    EXPECT_EQ(all_of(receive()).substr(0, 2), std::string(2, static_cast<char>('a' + i)));
  EXPECT_EQ(agent.recall(tickets[2], 1), 0u);
  EXPECT_EQ(agent.begun(tickets[2]), 1u);
  expect_end();
}

TEST_F(WorkerChannel, messages_of_one_kind_are_read_together_with_their_marks) {
  start([](WorkerEnd& end) {
    for (std::uint64_t i = 0; i < 3; ++i) end.write(work, {}, view_of("x"), 10 + i);
    end.write(stop, {}, {}, 20);
    end.write(work, {}, view_of(std::string(2 * blob_threshold, 'b')), 30);
  });
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
  std::vector<std::uint64_t> marks;
  const auto read_work = [&] {
    agent.read_while(work, [&](std::uint64_t mark, ByteView payload) {
      EXPECT_EQ(text_of(payload), "x");
      marks.push_back(mark);
      return true;
    });
  };
  read_work();
  OwnedMessage message;
  ASSERT_TRUE(agent.read(message));
  EXPECT_EQ(message.kind, stop);
  EXPECT_EQ(message.mark, 20u);
  read_work();
  EXPECT_EQ(marks, (std::vector<std::uint64_t>{10, 11, 12})) << "without the one that is a blob";
  ASSERT_TRUE(agent.read(message));
  EXPECT_EQ(message.kind, work);
  EXPECT_EQ(message.mark, 30u);
  EXPECT_EQ(message.behind(0).size(), 2 * blob_threshold);
}

Bytes in_block(const std::string& text) {
  const FromSource from(&channel::BlockSource::here());
  Bytes bytes;
  append(bytes, view_of(text));
  return bytes;
}

// The worker finds the bytes where they were put, and says so by what it sends.
TEST_F(WorkerChannel, what_lies_in_a_block_is_read_there) {
  start([](WorkerEnd& end) {
    const std::byte* last = nullptr;
    for (int i = 0; i < 3; ++i) {
      const OwnedMessage& message = end.claim_next();
      const bool there = message.block && message.large.empty(), again = message.in_block.data() == last;
      last = message.in_block.data();
      end.write(work, bytes_of(std::array{there, again}), message.behind(0).last(10));
      end.release();
    }
  });
  const Bytes bytes = in_block(std::string(1 << 20, 'x') + "the end---" + std::string(100, 'y'));
  for (const bool again : {false, true, true}) {
    const ByteView body = ByteView(bytes).subspan(100, (1 << 20) - 90);
    ASSERT_TRUE(agent.write(work, view_of("head"), body, 1, channel::Block::of(bytes)));
    agent.wake();
    const OwnedMessage answer = receive();
    EXPECT_EQ(text_of(answer.behind(2)), "the end---");
    EXPECT_EQ(answer.payload[0], std::byte{true});
    EXPECT_EQ(answer.payload[1], std::byte{again}) << "mapped once";
  }
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

// The worker's block is its own again when the agent has copied it, and not before.
TEST_F(WorkerChannel, a_block_is_used_again_once_the_agent_has_read_it) {
  start([](WorkerEnd& end) {
    std::vector<const std::byte*> places;
    for (const std::string text : {"ab", "c", "d"}) {
      end.claim_next();
      for (const char c : text) {
        const Bytes bytes = in_block(std::string(1 << 20, c));
        places.push_back(bytes.data());
        end.write(work, {}, bytes, 0, channel::Block::of(bytes));
      }
      end.release();
    }
    end.write(work, {},
              bytes_of(std::array{places[0] == places[1], places[0] == places[2], places[2] == places[3]}));
  });
  for (const std::string text : {"ab", "c", "d"}) {
    send(work, "");
    for (const char c : text) EXPECT_EQ(all_of(receive()), std::string(1 << 20, c));
  }
  EXPECT_EQ(receive().payload, copy_of(bytes_of(std::array{false, true, true})));
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

// Sends a block full of each of these characters, and where they lie.
void lend(WorkerEnd& end, const std::string& characters, std::vector<const std::byte*>& places) {
  for (const char c : characters) {
    const Bytes bytes = in_block(std::string(1 << 20, c));
    places.push_back(bytes.data());
    end.write(work, {}, bytes, 0, channel::Block::of(bytes));
  }
}

TEST_F(WorkerChannel, a_block_is_not_written_while_what_the_agent_has_read_from_it_lives) {
  start([](WorkerEnd& end) {
    std::vector<const std::byte*> places;
    for (const std::string text : {"a", "b", "c", "d"}) {
      end.claim_next();
      end.protect_lent();
      lend(end, text, places);
      end.release();
    }
    end.write(work, {},
              bytes_of(std::array{places[0] == places[1], places[0] == places[2], places[1] == places[2],
                                  places[0] == places[3]}));
  });
  std::vector<OwnedMessage> kept;
  for (const std::string text : {"a", "b"}) {
    send(work, "");
    kept.push_back(receive());
    EXPECT_TRUE(kept.back().large.capacity() == 1 << 20 && !channel::Block::of(kept.back().large))
        << "it lies in no block of the agent's own";
  }
  EXPECT_EQ(text_of(kept[0].large), std::string(1 << 20, 'a'));
  kept.erase(kept.begin());
  send(work, "");
  EXPECT_EQ(text_of(receive().large), std::string(1 << 20, 'c'));
  EXPECT_EQ(text_of(kept[0].large), std::string(1 << 20, 'b'));
  send(work, "");
  EXPECT_EQ(text_of(receive().large), std::string(1 << 20, 'd'));
  EXPECT_EQ(receive().payload, copy_of(bytes_of(std::array{false, true, false, true})));
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

TEST_F(WorkerChannel, later_tasks_cannot_change_what_the_agent_reads_and_their_worker_may_die) {
  start([](WorkerEnd& end) {
    std::vector<const std::byte*> places;
    lend(end, "a", places);
    end.protect_lent();
    std::memset(const_cast<std::byte*>(places[0]) + 4096, 'x', 1);
  });
  const OwnedMessage message = receive();
  EXPECT_EQ(end_of(std::exchange(child_, -1)), -SIGSEGV);
  agent = AgentEnd();
  EXPECT_EQ(text_of(message.large), std::string(1 << 20, 'a'));
}

TEST_F(WorkerChannel, a_block_that_is_sent_again_while_it_is_read_is_a_violation) {
  start([](WorkerEnd& end) {
    const Bytes bytes = in_block(std::string(1 << 20, 'a'));
    for (int i = 0; i < 2; ++i) end.write(work, {}, bytes, 0, channel::Block::of(bytes));
  });
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
  const OwnedMessage message = receive();
  OwnedMessage again;
  EXPECT_THROW(agent.read(again), channel::Violation);
}

TEST_F(WorkerChannel, half_of_the_blocks_are_lent_and_the_rest_is_copied_and_used_again_at_once) {
  const std::string all = "abcdefghijklmnopqrst";
  start([&](WorkerEnd& end) {
    std::vector<const std::byte*> places;
    for (const char c : all) {
      end.claim_next();
      lend(end, std::string(1, c), places);
      end.release();
    }
    end.write(work, {}, bytes_of(std::array{places[7] == places[8], places[8] == places[19]}));
  });
  std::vector<OwnedMessage> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    send(work, "");
    kept.push_back(receive());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(text_of(kept[i].large), std::string(1 << 20, all[i]));
    EXPECT_EQ(static_cast<bool>(channel::Block::of(kept[i].large)), i >= 8) << "copied to the agent's own";
  }
  EXPECT_EQ(receive().payload, copy_of(bytes_of(std::array{false, true})));
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

TEST_F(WorkerChannel, a_worker_rests_while_its_result_is_kept_unread) {
  start([](WorkerEnd& end) {
    end.on_rest([&] {
      end.write(work, {}, view_of("at rest"));
      end.ring();
    });
    std::vector<const std::byte*> places;
    lend(end, "a", places);
    end.claim_next();
  });
  const OwnedMessage kept = receive();
  EXPECT_EQ(text_of(receive().payload), "at rest");
  EXPECT_EQ(text_of(kept.large), std::string(1 << 20, 'a'));
  send(stop, "");
  EXPECT_EQ(end_of(std::exchange(child_, -1)), 0);
}

bool rings(int fd, int timeout_ms) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, timeout_ms) == 1;
}

// The worker acknowledges each message by a second, silent channel: reading its answers from the ring.
TEST_F(WorkerChannel, rings_at_the_message_it_was_asked_for_and_only_there) {
  start_echo();
  agent.ring_at(channel::progress_at(3, 1));
  for (int i = 0; i < 2; ++i) send(work, "x");
  read_away(2);
  EXPECT_FALSE(rings(bell.fd(), 0));
  send(work, "x");
  EXPECT_TRUE(rings(bell.fd(), 10'000));
  bell.clear();
  send(work, "x");
  read_away(2);
  expect_end();
  EXPECT_FALSE(rings(bell.fd(), 0)) << "it was asked once";
}

TEST_F(WorkerChannel, rings_in_the_middle_of_a_message_with_many_items) {
  start_echo();
  agent.ring_at(channel::progress_at(1, 30));
  ASSERT_TRUE(agent.write(work, view_of("x"), {}, 50));
  agent.wake();
  EXPECT_TRUE(rings(bell.fd(), 10'000));
  bell.clear();
  read_away(50);
  EXPECT_FALSE(rings(bell.fd(), 0)) << "it was asked once";
  agent.ring_at(channel::progress_at(2, 1));
  send(work, "x");
  EXPECT_TRUE(rings(bell.fd(), 10'000));
  read_away(1);
  bell.clear();
  expect_end();
}

TEST_F(WorkerChannel, a_worker_killed_over_unread_large_messages_leaves_its_answers) {
  start([](WorkerEnd& end) {
    const OwnedMessage& message = end.claim_next();
    echo(end, message);
    ::kill(::getpid(), SIGKILL);
  });
  for (const char c : {'a', 'b', 'c'}) send(work, std::string(2 * blob_threshold, c));
  EXPECT_EQ(end_of(std::exchange(child_, -1)), -SIGKILL);
  EXPECT_EQ(all_of(receive()), std::string(2 * blob_threshold, 'a'));
  OwnedMessage none;
  EXPECT_FALSE(read(none));
}

}  // namespace
}  // namespace acre::test

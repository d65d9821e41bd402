// Descriptors, shared memory, sockets that carry descriptors, doorbells.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <acre/base/error.hpp>
#include <acre/channel/doorbell.hpp>
#include <acre/channel/socket.hpp>
#include <array>
#include <new>
#include <thread>
#include <vector>

#include "channel/two_rings.hpp"

namespace acre::test {
namespace {
using channel::Descriptor;
using channel::Received;
using channel::Sent;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(Descriptor, is_closed_with_its_owner_and_not_before) {
  Descriptor first(::open("/dev/null", O_RDONLY));
  const int fd = first.get();
  {
    Descriptor second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_TRUE(is_open(fd));
    second = Descriptor(::dup(fd));
    EXPECT_FALSE(is_open(fd)) << "what was assigned over is closed";
    EXPECT_TRUE(is_open(second.get()));
    second.reset();
    EXPECT_FALSE(second);
    second.reset();
  }
}

TEST(Descriptor, is_read_wholly_or_not_at_all) {
  const Descriptor blob = channel::create_blob(view_of("0123456789"));
  EXPECT_EQ(text_of(channel::read_exactly(blob.get(), 0, 10, "it")), "0123456789");
  EXPECT_EQ(text_of(channel::read_exactly(blob.get(), 4, 3, "it")), "456");
  EXPECT_EQ(text_of(channel::read_exactly(blob.get(), 10, 0, "it")), "");
  EXPECT_THROW(channel::read_exactly(blob.get(), 1, 10, "it"), Error);
  EXPECT_THROW(channel::read_exactly(-1, 0, 1, "it"), Error);
  EXPECT_THROW(channel::write_all(-1, view_of("x"), "it"), Error);
}

TEST(Memory, has_a_size_that_nobody_can_change) {
  const Descriptor memory = channel::create_memory("test", 8192);
  EXPECT_NE(::ftruncate(memory.get(), 4096), 0) << "a peer that shrinks it would kill the reader by SIGBUS";
  EXPECT_NE(::ftruncate(memory.get(), 16384), 0);
  struct stat status {};
  ::fstat(memory.get(), &status);
  EXPECT_EQ(status.st_size, 8192);
}

TEST(Memory, mapped_twice_is_the_same_twice_in_a_row) {
  const Descriptor memory = channel::create_memory("test", 3 * 4096);
  const channel::Mapping twice = channel::Mapping::twice(memory.get(), 4096, 8192);
  const channel::Mapping once = channel::Mapping::shared(memory.get(), 4096, 8192);
  const std::string text = "across the end";
  std::memcpy(twice.data() + 8192 - 5, text.data(), text.size());
  EXPECT_EQ(text_of({once.data() + 8192 - 5, 5}), "acros");
  EXPECT_EQ(text_of({once.data(), 9}), "s the end");
  EXPECT_EQ(text_of({twice.data(), 9}), "s the end");
  once.data()[100] = std::byte{42};
  EXPECT_EQ(twice.data()[100], std::byte{42});
  EXPECT_EQ(twice.data()[8192 + 100], std::byte{42});
}

TEST(Memory, that_cannot_be_mapped_is_an_error_in_words) {
  EXPECT_THROW(channel::Mapping::shared(-1, 0, 4096), Error);
  EXPECT_THROW(channel::Mapping::twice(-1, 0, 4096), Error);
}

TEST(Socket, passes_whole_messages_in_order) {
  const auto [a, b] = channel::socket_pair();
  EXPECT_EQ(channel::receive_message(b.get(), false).state, Received::State::none);
  EXPECT_EQ(channel::send_message(a.get(), view_of("first")), Sent::yes);
  EXPECT_EQ(channel::send_message(a.get(), view_of(std::string(65536, 'x'))), Sent::yes);
  EXPECT_EQ(text_of(channel::receive_message(b.get()).bytes), "first");
  EXPECT_EQ(channel::receive_message(b.get()).bytes.size(), 65536u);
  EXPECT_EQ(channel::receive_message(b.get(), false).state, Received::State::none);
}

TEST(Socket, carries_descriptors) {
  const auto [a, b] = channel::socket_pair();
  std::vector<Descriptor> blobs;
  std::vector<int> fds;
  for (int i = 0; i < 8; ++i) {
    blobs.push_back(channel::create_blob(view_of("blob " + std::to_string(i))));
    fds.push_back(blobs.back().get());
  }
  EXPECT_EQ(channel::send_message(a.get(), view_of("eight"), fds), Sent::yes);
  blobs.clear();
  const Received received = channel::receive_message(b.get());
  ASSERT_EQ(received.descriptors.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    const int fd = received.descriptors[i].get();
    EXPECT_EQ(text_of(channel::read_exactly(fd, 0, 6, "it")), "blob " + std::to_string(i));
    EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
  }
}

TEST(Socket, says_when_it_is_full_and_when_the_peer_is_gone) {
  auto [a, b] = channel::socket_pair();
  const std::string text(10'000, 'x');
  int sent = 0;
  while (channel::send_message(a.get(), view_of(text), {}, false) == Sent::yes) ASSERT_LT(++sent, 10'000);
  EXPECT_GT(sent, 5);
  EXPECT_EQ(channel::send_message(a.get(), view_of(text), {}, false), Sent::full);
  b.reset();
  EXPECT_EQ(channel::send_message(a.get(), view_of(text), {}, false), Sent::gone);
  EXPECT_EQ(channel::receive_message(a.get()).state, Received::State::end);
}

// What a peer sent before it left is there, also if it left without having read all.
TEST(Socket, keeps_what_a_peer_sent_before_it_left) {
  auto [a, b] = channel::socket_pair();
  channel::send_message(b.get(), view_of("never read"));
  channel::send_message(a.get(), view_of("last words"));
  channel::send_message(a.get(), view_of("very last words"));
  a.reset();
  for (const bool wait : {false, true}) {
    const Received received = channel::receive_message(b.get(), wait);
    ASSERT_EQ(received.state, Received::State::message);
    EXPECT_EQ(text_of(received.bytes), wait ? "very last words" : "last words");
  }
  EXPECT_EQ(channel::receive_message(b.get()).state, Received::State::end);
  EXPECT_EQ(channel::receive_message(b.get(), false).state, Received::State::end) << "and stays at its end";
}

struct Shared {
  channel::Doorbell bell;
  std::atomic<std::uint32_t> work;
};

// Two processes that hand a number back and forth: each wake that were lost would leave both asleep.
TEST(Doorbell, loses_no_wake_between_two_processes) {
  constexpr std::uint32_t rounds = 20'000;
  const Descriptor memory = channel::create_memory("bells", 4096);
  const channel::Mapping mapping = channel::Mapping::shared(memory.get(), 0, 4096);
  auto* const bells = ::new (mapping.data()) std::array<Shared, 2>{};
  const auto play = [&](std::size_t own, std::uint32_t first) {
    for (std::uint32_t turn = first; turn < 2 * rounds; turn += 2) {
      Shared& here = (*bells)[own];
      here.bell.wait_until([&] { return here.work.load() == turn; });
      Shared& there = (*bells)[1 - own];
      there.work.store(turn + 1);
      there.bell.ring();
    }
    return 0;
  };
  const pid_t child = in_child([&] { return play(1, 1); });
  play(0, 0);
  EXPECT_EQ(end_of(child), 0);
}

TEST(Doorbell, rung_before_the_sleep_is_not_slept_over) {
  channel::Doorbell bell{};
  std::atomic<bool> ready = true;
  bell.ring();
  bell.wait_until([&] { return ready.load(); });
  EXPECT_EQ(bell.sleepers.load(), 0u);
  EXPECT_EQ(bell.count.load(), 0u) << "without a sleeper a ring costs no system call";
}

TEST(EventBell, is_heard_by_poll_until_it_is_cleared) {
  channel::EventBell bell;
  pollfd wait{bell.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&wait, 1, 0), 0);
  bell.ring();
  bell.ring();
  EXPECT_EQ(::poll(&wait, 1, 0), 1);
  bell.clear();
  EXPECT_EQ(::poll(&wait, 1, 0), 0);
  bell.clear();
}

}  // namespace
}  // namespace acre::test

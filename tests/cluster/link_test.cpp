// Runs on all ranks at once, whatever their number: alone, a rank talks to itself.
#include <acre/cluster/link.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <thread>

#include <acre/base/time.hpp>

#include "mpi_main.hpp"

namespace acre::cluster {
namespace {

using test::mpi;

MPI_Comm new_communicator() {
  MPI_Comm comm = MPI_COMM_NULL;
  check(MPI_Comm_dup(mpi().world(), &comm), "MPI_Comm_dup");
  return comm;
}

constexpr std::size_t head_bytes = 16;

// What a frame holds follows from who sent it, its number and its size.
Bytes content(int sender, std::size_t number, std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = static_cast<std::uint64_t>(sender) * 1'000'003 + number * 7919 + size;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::byte>(state >> 56U);
  }
  return bytes;
}

// Drives the link until `count` frames have come on the channel; fewer if that takes longer than 20 s.
std::vector<Frame> receive(Link& link, std::uint32_t channel, std::size_t count) {
  std::vector<Frame> frames;
  for (const Instant deadline = now() + std::chrono::seconds(20); frames.size() < count;) {
    if (!link.progress()) std::this_thread::yield();
    while (auto frame = link.receive(channel)) frames.push_back(std::move(*frame));
    if (now() > deadline) {
      ADD_FAILURE() << frames.size() << " of " << count << " frames came in time";
      break;
    }
  }
  return frames;
}

// Frames of each sender have come in order, kind counting them, with the content they were sent with.
void expect_in_order(const std::vector<Frame>& frames, const std::vector<std::size_t>& sizes) {
  std::map<int, std::size_t> next;
  for (const Frame& frame : frames) {
    const std::size_t number = next[frame.peer]++;
    ASSERT_EQ(frame.kind, number) << "from " << frame.peer;
    ASSERT_EQ(frame.payload.size(), sizes.at(number)) << "from " << frame.peer << ", frame " << number;
    ASSERT_TRUE(frame.payload == content(frame.peer, number, sizes[number])) << "from " << frame.peer;
  }
  for (const auto& [peer, count] : next) EXPECT_EQ(count, sizes.size()) << "from " << peer;
}

void send_all(Link& link, int to, std::uint32_t channel, const std::vector<std::size_t>& sizes) {
  for (std::size_t number = 0; number < sizes.size(); ++number)
    link.send(
        {to, channel, static_cast<std::uint32_t>(number), content(mpi().rank(), number, sizes[number])});
}

// Each rank sends to the next one.
void round_robin(LinkSizes how, const std::vector<std::size_t>& sizes) {
  Link link(new_communicator(), how);
  send_all(link, (mpi().rank() + 1) % mpi().size(), 1, sizes);
  const auto frames = receive(link, 1, sizes.size());
  expect_in_order(frames, sizes);
  for (const Frame& frame : frames) EXPECT_EQ(frame.peer, (mpi().rank() + mpi().size() - 1) % mpi().size());
  EXPECT_EQ(link.receive(1), std::nullopt);
  link.close();
}

TEST(Link, FramesOfAllSizesArriveWhole) {
  constexpr std::size_t limit = 64 * 1024 - head_bytes;
  round_robin({}, {0, 1, 2, 4095, 4096, limit - 1, limit, limit + 1, 64 * 1024, 1'000'000, 5'000'001, 0, 3});
}

TEST(Link, PiecesAreJoinedInOrder) {
  constexpr LinkSizes tiny{.slot_bytes = 128, .piece_bytes = 100};
  constexpr std::size_t limit = 128 - head_bytes;
  std::vector<std::size_t> sizes{99, 100, 101, limit, limit + 1, 199, 200, 201, 299, 300, 301, 0, 50'000};
  round_robin(tiny, sizes);
}

TEST(Link, ASlotForTheHeadAloneIsEnough) {
  round_robin({.slot_bytes = 16, .piece_bytes = 7}, {0, 1, 6, 7, 8, 50});
}

TEST(Link, SmallFramesDoNotOvertakeLargeOnes) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 60; ++i) sizes.push_back(i % 3 == 0 ? 300'000 + i : i);
  round_robin({}, sizes);
}

TEST(Link, ManyMoreFramesThanReceivesPostedAhead) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 5000; ++i) sizes.push_back(i * 37 % 600);
  round_robin({}, sizes);
}

TEST(Link, AllToOne) {
  Link link(new_communicator());
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 200; ++i) sizes.push_back(i % 20 == 0 ? 200'000 : 100 * i);
  send_all(link, 0, 1, sizes);
  if (mpi().rank() == 0)
    expect_in_order(receive(link, 1, sizes.size() * static_cast<std::size_t>(mpi().size())), sizes);
  link.close();
}

TEST(Link, AllToAllAtOnce) {
  Link link(new_communicator());
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 50; ++i) sizes.push_back(i % 10 == 0 ? 500'000 + i : i);
  for (int peer = 0; peer < mpi().size(); ++peer) send_all(link, peer, 1, sizes);
  expect_in_order(receive(link, 1, sizes.size() * static_cast<std::size_t>(mpi().size())), sizes);
  link.close();
}

TEST(Link, ChannelsAreApart) {
  Link link(new_communicator());
  const int next = (mpi().rank() + 1) % mpi().size();
  send_all(link, next, 7, {10, 20});
  send_all(link, next, 0, {30, 300'000});
  send_all(link, next, 8, {});
  expect_in_order(receive(link, 0, 2), {30, 300'000});
  expect_in_order(receive(link, 7, 2), {10, 20});
  EXPECT_EQ(link.receive(8), std::nullopt);
  link.close();
}

TEST(Link, TwoLinksDoNotHearEachOther) {
  Link a(new_communicator()), b(new_communicator());
  const int next = (mpi().rank() + 1) % mpi().size();
  send_all(a, next, 1, {100, 1'000'000});
  send_all(b, next, 1, {50});
  expect_in_order(receive(b, 1, 1), {50});
  expect_in_order(receive(a, 1, 2), {100, 1'000'000});
  a.close();
  b.close();
}

TEST(Link, ClosingSendsWhatIsQueued) {
  Link link(new_communicator());
  const std::vector<std::size_t> sizes(20, 1'000'000);
  if (mpi().rank() == 0)
    for (int peer = 1; peer < mpi().size(); ++peer) send_all(link, peer, 1, sizes);
  else
    expect_in_order(receive(link, 1, sizes.size()), sizes);
  link.close();
}

TEST(Link, ThreadsSendAndReceiveAtOnce) {
  Link link(new_communicator());
  constexpr std::uint32_t channels = 3;
  const int next = (mpi().rank() + 1) % mpi().size();
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 100; ++i) sizes.push_back(i % 25 == 0 ? 200'000 : i);
  std::vector<std::thread> threads;
  for (std::uint32_t channel = 1; channel <= channels; ++channel) {
    threads.emplace_back([&, channel] { send_all(link, next, channel, sizes); });
    threads.emplace_back([&, channel] { expect_in_order(receive(link, channel, sizes.size()), sizes); });
  }
  for (std::thread& thread : threads) thread.join();
  link.close();
}

}  // namespace
}  // namespace acre::cluster

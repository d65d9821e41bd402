// Workers that scribble over what they share with their agent: killed and replaced, and the run goes on.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <acre/channel/socket.hpp>
#include <acre/node/protocol.hpp>
#include <acre/task/frame.hpp>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "executor/own_rings.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {
constexpr auto outcome = static_cast<std::uint32_t>(node::Up::outcome);
constexpr std::uint32_t blob_bit = 0x8000'0000;

using Tamper = void (*)(const OwnRings&);

void send_blob(const OwnRings& rings, std::uint64_t announced, std::size_t written, std::size_t holes) {
  const int fd = ::memfd_create("hostile", 0);
  const std::vector<char> bytes(written);
  if (::ftruncate(fd, static_cast<off_t>(written + holes)) != 0 ||
      ::write(fd, bytes.data(), written) != static_cast<ssize_t>(written))
    std::abort();
  const std::array<int, 1> fds{fd};
  channel::send_message(rings.socket, bytes_of(channel::LargePlace{0, announced}), fds);
  rings.forge(outcome | blob_bit, 0);
}

void forge_outcome(const OwnRings& rings, std::uint64_t sequence, task::Ending ending, std::int64_t run_ns,
                   ByteView body) {
  const task::OutcomeHead head{0, run_ns, static_cast<std::uint64_t>(ending)};
  Bytes bytes = copy_of(bytes_of(head));
  append(bytes, body);
  rings.forge(outcome, static_cast<std::uint32_t>(bytes.size()), bytes, channel::progress_at(sequence, 1));
}

void forge_value(const OwnRings& rings, std::uint64_t sequence, std::uint32_t done) {
  const std::uint64_t mark = node::value_mark(channel::progress_at(sequence, done), 0);
  rings.forge(static_cast<std::uint32_t>(node::Up::value), 4, bytes_of(7), mark);
}

// Broken promises that the agent finds by itself, while the worker lives on and does nothing more.
const std::vector<std::pair<const char*, Tamper>> seen_by_the_agent{
    {"indices far ahead", [](const OwnRings& rings) { rings.page->up.tail.store(std::uint64_t{1} << 62); }},
    {"indices going back", [](const OwnRings& rings) { rings.page->up.tail.fetch_sub(16); }},
    {"indices out of step", [](const OwnRings& rings) { rings.page->up.tail.fetch_add(8); }},
    {"all of the control page",
     [](const OwnRings& rings) { std::memset(static_cast<void*>(rings.page), 0xff, 4096); }},
    {"a length beyond the ring", [](const OwnRings& rings) { rings.forge(outcome, 0xffff'fff0); }},
    {"a length beyond the content", [](const OwnRings& rings) { rings.forge(outcome, 17); }},
    {"an unknown kind", [](const OwnRings& rings) { rings.forge(77, 0); }},
    {"an outcome without a head", [](const OwnRings& rings) { rings.forge(outcome, 0); }},
    {"being ready again", [](const OwnRings& rings) { rings.forge(1, 0); }},
    {"being unusable after use",
     [](const OwnRings& rings) {
       const Bytes words = task::pack_failure("a lie", "the initializer never failed");
       rings.forge(2, static_cast<std::uint32_t>(words.size()), words);
     }},
    {"an outcome of another task",
     [](const OwnRings& rings) {
       forge_outcome(rings, rings.sequence() + 1, task::Ending::value, 0, bytes_of(1));
     }},
    {"a value of another message",
     [](const OwnRings& rings) { forge_value(rings, rings.sequence() + 1, 1); }},
    {"a value of the task behind it", [](const OwnRings& rings) { forge_value(rings, rings.sequence(), 2); }},
    {"a value without its mark",
     [](const OwnRings& rings) { rings.forge(static_cast<std::uint32_t>(node::Up::value), 4, bytes_of(7)); }},
    {"a failure that cannot be read",
     [](const OwnRings& rings) {
       const std::uint64_t length = std::numeric_limits<std::uint64_t>::max();
       forge_outcome(rings, rings.sequence(), task::Ending::thrown, 0, bytes_of(length));
     }},
    {"a large message without its memory", [](const OwnRings& rings) { rings.forge(outcome | blob_bit, 0); }},
    {"a large message that is shorter than it says",
     [](const OwnRings& rings) { send_blob(rings, 1000, 999, 0); }},
    {"a large message of holes",
     [](const OwnRings& rings) { send_blob(rings, std::uint64_t{1} << 40, 4096, std::size_t{1} << 40); }},
    {"a large message without a head", [](const OwnRings& rings) { send_blob(rings, 8, 8, 0); }},
};

int tamper_and_stay(Context& context, std::size_t how) {
  if (context.attempt() > 1) return context.attempt();
  seen_by_the_agent[how].second(OwnRings::find());
  for (;;) ::pause();
}
int attempt_of(Context& context, int) { return context.attempt(); }

TEST(Hostile, workers_are_killed_and_replaced_and_the_run_goes_on) {
  Executor executor = session().executor({.workers = 1, .retries = 1});
  for (std::size_t how = 0; how < seen_by_the_agent.size(); ++how) {
    SCOPED_TRACE(seen_by_the_agent[how].first);
    const auto tampered = executor.submit<tamper_and_stay>(how);
    const auto behind = executor.submit<attempt_of>(0);
    EXPECT_EQ(tampered.get(), 2);
    EXPECT_EQ(behind.get(), 1);
  }
}

// Damage that shows only once the worker is dead, or harms nobody but itself.
const std::vector<std::pair<const char*, Tamper>> before_the_end{
    {"claims of zero", [](const OwnRings& rings) { std::memset(rings.down, 0, channel::ring_capacity); }},
    {"claims of ones", [](const OwnRings& rings) { std::memset(rings.down, 0xff, channel::ring_capacity); }},
    {"claims of other messages",
     [](const OwnRings& rings) { rings.current().claim.fetch_add(std::uint64_t{1} << 32); }},
    {"released what was not read",
     [](const OwnRings& rings) { rings.page->down.head.store(rings.page->down.tail.load()); }},
    {"a head beyond the tail", [](const OwnRings& rings) { rings.page->down.head.fetch_add(1 << 20); }},
    {"everything",
     [](const OwnRings& rings) {
       std::memset(rings.down, 0xa5, channel::ring_capacity);
       std::memset(rings.up, 0x5a, channel::ring_capacity);
       std::memset(static_cast<void*>(rings.page), 0x77, 4096);
     }},
};

int tamper_and_die(Context& context, std::size_t how, int attempts) {
  if (context.attempt() > attempts) return context.attempt();
  before_the_end[how].second(OwnRings::find());
  ::kill(::getpid(), SIGKILL);
  return 0;
}

TEST(Hostile, workers_that_die_over_their_scribbles_cost_one_attempt) {
  Executor executor = session().executor({.workers = 1, .retries = 2});
  for (std::size_t how = 0; how < before_the_end.size(); ++how) {
    SCOPED_TRACE(before_the_end[how].first);
    const auto tampered = executor.submit<tamper_and_die>(how, 1);
    std::vector<Future<int>> behind;
    for (int i = 0; i < 30; ++i) behind.push_back(executor.submit<attempt_of>(i));
    EXPECT_EQ(tampered.get(), 2);
    for (const auto& future : behind) EXPECT_EQ(future.get(), 1);
  }
}

TEST(Hostile, tasks_that_scribble_on_every_attempt_are_given_up) {
  Executor executor = session().executor({.workers = 1, .retries = 2});
  for (std::size_t how = 0; how < before_the_end.size(); ++how) {
    SCOPED_TRACE(before_the_end[how].first);
    EXPECT_THROW(executor.submit<tamper_and_die>(how, 1000).get(), WorkerLost);
  }
  EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1);
}

int tamper_and_go_on(Context& context, std::size_t how) {
  if (context.attempt() == 1) before_the_end[how].second(OwnRings::find());
  return context.attempt();
}

TEST(Hostile, workers_that_go_on_after_their_scribbles_end_in_no_wrong_result) {
  Executor executor = session().executor({.workers = 1, .retries = 2});
  for (std::size_t how = 0; how < before_the_end.size(); ++how) {
    SCOPED_TRACE(before_the_end[how].first);
    const auto tampered = executor.submit<tamper_and_go_on>(how);
    std::vector<Future<int>> behind;
    for (int i = 0; i < 30; ++i) behind.push_back(executor.submit<attempt_of>(i));
    EXPECT_LE(tampered.get(), 2);
    for (const auto& future : behind) EXPECT_LE(future.get(), 3);
  }
}

// It takes back its claim, so that its death seems to have hit no task.
int deny_and_die(int) {
  const OwnRings rings = OwnRings::find();
  rings.current().claim.store(channel::Claims{rings.sequence(), 0, 1}.word());
  ::kill(::getpid(), SIGKILL);
  return 0;
}

TEST(Hostile, workers_that_deny_their_tasks_are_not_replaced_for_ever) {
  Executor executor = session().executor({.workers = 1});
  try {
    executor.submit<deny_and_die>(0).get();
    FAIL() << "it cannot have ended";
  } catch (const ExecutorBroken& error) {
    EXPECT_TRUE(error.message.starts_with(
        "workers die while they run no task; the last one was killed by SIGKILL (Killed)"))
        << error.message;
  }
}

int lie_about_time(Context& context, int) {
  const OwnRings rings = OwnRings::find();
  forge_outcome(rings, rings.sequence(), task::Ending::value, std::numeric_limits<std::int64_t>::min(),
                bytes_of(context.attempt()));
  ::_exit(0);
}

TEST(Hostile, times_that_cannot_be_do_no_harm) {
  Executor executor = session().executor({.workers = 2});
  EXPECT_EQ(executor.submit<lie_about_time>(0).get(), 1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(executor.submit<attempt_of>(i).get(), 1);
}

// Where the arguments lie, as the agent has put them.
std::byte* arguments_mapped() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("r--s") != std::string::npos && line.find("memfd:acre-block") != std::string::npos)
      return reinterpret_cast<std::byte*>(std::strtoull(line.c_str(), nullptr, 16));
  return nullptr;
}

// Whatever the first attempt does to the memory that it was sent its arguments in, the next one gets the
// same.
std::pair<int, double> spoil_arguments(Context& context, const std::vector<double>& numbers) {
  const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  if (context.attempt() > 1) return {context.attempt(), sum};
  std::byte* const at = arguments_mapped();
  if (at == nullptr) return {0, sum};
  ::mprotect(at, 4096, PROT_READ | PROT_WRITE);
  const int memory = ::open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  const double wrong = -1;
  if (::pwrite(memory, &wrong, sizeof wrong, static_cast<off_t>(reinterpret_cast<std::uintptr_t>(at)) + 800) >
      0)
    return {-1, sum};
  *reinterpret_cast<double*>(at + 800) = wrong;
  return {-2, sum};
}

TEST(Hostile, arguments_cannot_be_changed_for_the_next_attempt) {
  Executor executor = session().executor({.workers = 2, .retries = 1});
  const std::vector<double> numbers(1 << 18, 1.5);
  EXPECT_EQ(executor.submit<spoil_arguments>(numbers).get(), std::pair(2, 1.5 * (1 << 18)));
}

}  // namespace
}  // namespace acre::test

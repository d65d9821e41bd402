// acre-bench-pingpong: the round trip of a word between two processes that spin on shared memory; no task
// farm can be quicker.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>

#include "measure.hpp"

namespace {

constexpr std::uint32_t trips = 200'000, stop = 0xffffffff;

/// A word for each way, on cache lines of their own.
struct Table {
  alignas(64) std::atomic<std::uint32_t> ping{0};
  alignas(64) std::atomic<std::uint32_t> pong{0};
};

void answer(Table& table) {
  for (std::uint32_t seen = 0; seen != stop;) {
    const std::uint32_t word = table.ping.load(std::memory_order_acquire);
    if (word != seen) table.pong.store(seen = word, std::memory_order_release);
  }
}

void play(Table& table, std::uint32_t first) {
  for (std::uint32_t word = first; word < first + trips; ++word) {
    table.ping.store(word, std::memory_order_release);
    while (table.pong.load(std::memory_order_acquire) != word) continue;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Options options{.system = "shared memory"};
  options.json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
  void* memory = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 1;
  auto* table = new (memory) Table;
  const pid_t pid = ::fork();
  if (pid < 0) return 1;
  if (pid == 0) {
    answer(*table);
    ::_exit(0);
  }
  bench::Figure figure("round trip", "us");
  play(*table, 1);
  for (std::uint32_t run = 1; run <= 5; ++run)
    figure.add(1e6 / trips * bench::seconds([&] { play(*table, 1 + run * trips); }));
  table->ping.store(stop, std::memory_order_release);
  ::waitpid(pid, nullptr, 0);
  figure.print(options);
  return 0;
}

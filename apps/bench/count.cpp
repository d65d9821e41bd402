// acre-bench-count: a known number of tasks. scripts/instructions.py counts the instructions of those that
// are dealt to one worker so that nobody waits for anybody while work is done, scripts/syscalls.py the system
// calls of those that keep a worker on each core, or one of them alone, and the root busy.
#include <acre/acre.hpp>
#include <charconv>
#include <cstring>
#include <numeric>
#include <thread>

#include "busy.hpp"

namespace {

std::uint64_t nothing(std::uint64_t x) { return x; }

/// Lets the worker do all that it was dealt and fall asleep: waiting takes instructions by the clock, work
/// does not.
void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(4)); }

std::uint64_t submit(acre::Executor& executor, std::uint64_t rounds) {
  constexpr std::uint64_t at_once = 100;
  std::uint64_t sum = 0;
  std::vector<acre::Future<std::uint64_t>> futures;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    futures.clear();
    for (std::uint64_t i = 0; i < at_once; ++i) futures.push_back(executor.submit<nothing>(i));
    pause();
    for (const auto& future : futures) sum += future.get();
  }
  return sum;
}

std::uint64_t round_trip(acre::Executor& executor, std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto future = executor.submit<nothing>(round);
    pause();
    sum += future.get();
  }
  return sum;
}

std::uint64_t map(acre::Executor& executor, std::uint64_t rounds) {
  std::vector<std::uint64_t> items(1000);
  std::iota(items.begin(), items.end(), 0);
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto results = executor.map<nothing>(items, {.chunk = 250});
    pause();
    for (const std::uint64_t y : results) sum += y;
  }
  return sum;
}

std::uint64_t work(std::uint64_t turns) { return bench::turn(turns); }

/// Of a few microseconds each.
std::vector<std::uint64_t> busy_items() { return std::vector<std::uint64_t>(10'000, 4'000); }

std::uint64_t busy_submit(acre::Executor& executor, std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::vector<acre::Future<std::uint64_t>> futures;
    for (const std::uint64_t item : busy_items()) futures.push_back(executor.submit<work>(item));
    for (const auto& future : futures) sum += future.get();
  }
  return sum;
}

std::uint64_t busy_map(acre::Executor& executor, std::uint64_t rounds) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < rounds; ++round)
    for (const std::uint64_t y : executor.map<work>(busy_items())) sum += y;
  return sum;
}

struct Way {
  const char* name;
  std::uint64_t (*run)(acre::Executor& executor, std::uint64_t rounds);
  int workers;  ///< 0: one for each core
};
constexpr std::array ways{Way{"submit", submit, 1},
                          Way{"roundtrip", round_trip, 1},
                          Way{"map", map, 1},
                          Way{"busy-submit", busy_submit, 0},
                          Way{"busy-map", busy_map, 0},
                          Way{"lone-busy-submit", busy_submit, 1},
                          Way{"lone-busy-map", busy_map, 1}};

int count(acre::Session& session, int argc, char** argv) {
  std::uint64_t rounds = 0;
  const char* const number = argc == 3 ? argv[2] : "";
  std::from_chars(number, number + std::strlen(number), rounds);
  for (const Way& way : ways) {
    if (rounds == 0 || std::strcmp(argv[1], way.name) != 0) continue;
    auto executor = session.executor({.workers = way.workers});
    executor.bootup();
    way.run(executor, rounds);
    return 0;
  }
  throw acre::Error(
      "acre-bench-count: give it submit, roundtrip, map, busy-submit, busy-map, lone-busy-submit or "
      "lone-busy-map, and rounds");
}

}  // namespace

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) { return count(session, argc, argv); });
}

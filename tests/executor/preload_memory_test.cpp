// A preload stays shared: workers that allocate and free, with threads or without, leave its pages alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
constexpr int workers = 4, tasks_of_each = 1000;
constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// Whether something is done by one thread, or by several at once.
enum class Threads { one, several, openmp };

/// Runs body(0) … body(n - 1), all at once unless `threads` is one.
template <class Body>
void run_in(Threads threads, int n, const Body& body) {
  if (threads == Threads::several) {
    std::vector<std::thread> running;
    for (int i = 0; i < n; ++i) running.emplace_back([&body, i] { body(i); });
    for (std::thread& thread : running) thread.join();
  } else if (threads == Threads::openmp) {
#pragma omp parallel for num_threads(n) schedule(static, 1)
    for (int i = 0; i < n; ++i) body(i);
  } else {
    for (int i = 0; i < n; ++i) body(i);
  }
}

/// Much in small pieces, which lie between the holes that as many temporaries have left.
struct Shelf {
  std::map<std::uint64_t, std::string> books;
  std::vector<std::vector<double>> tables;
};
using Library = std::vector<Shelf>;

Shelf fill_shelf(int seed, std::size_t bytes) {
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  Shelf shelf;
  std::vector<std::string> temporary;
  for (std::size_t used = 0; used < bytes;) {
    const std::size_t length = 32 + random() % 500;
    shelf.books.emplace(random(), std::string(length, 'b'));
    temporary.emplace_back(32 + random() % 400, 't');
    if (random() % 50 == 0) shelf.tables.emplace_back(random() % 3000, 1.5);
    used += length + 100;
  }
  return shelf;
}

Library build_library(Threads threads, std::uint64_t bytes) {
  constexpr int shelves = 4;
  shared(0).add();
  Library library(shelves);
  run_in(threads, shelves,
         [&](int i) { library[static_cast<std::size_t>(i)] = fill_shelf(i, bytes / shelves); });
  return library;
}

Library build_large_blocks(std::uint64_t bytes) {
  Library library(1);
  for (std::uint64_t used = 0; used < bytes; used += mebibyte)
    library[0].tables.emplace_back(mebibyte / sizeof(double), 1.5);
  return library;
}

void allocate_much(const Library& library, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::map<std::uint64_t, std::string> own;
  std::vector<std::vector<char>> buffers;
  for (int i = 0; i < 100; ++i) {
    const Shelf& shelf = library[random() % library.size()];
    const auto book = shelf.books.lower_bound(random());
    own.emplace(random(), book == shelf.books.end() ? "none" : book->second);
    buffers.emplace_back(random() % 2000, 'x');
    if (i % 3 == 0) own.erase(own.begin());
  }
}

pid_t allocate(Preloaded<Library> library, Threads threads, std::uint64_t seed) {
  run_in(threads, threads == Threads::one ? 1 : 2,
         [&](int i) { allocate_much(*library, 2 * seed + static_cast<std::uint64_t>(i)); });
  return ::getpid();
}

pid_t own_process() { return ::getpid(); }

/// Bytes that the processes account for together: each page counts once.
std::size_t together(const std::vector<pid_t>& pids) {
  std::size_t sum = 0;
  for (const pid_t pid : pids) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; file >> word;)
      if (std::size_t kilobytes = 0; word == "Pss:" && file >> kilobytes) sum += 1024 * kilobytes;
  }
  return sum;
}

/// What the executor's preloaded zygote, its workers and their spare account for, once all of them are there.
std::size_t together(pid_t zygote) {
  const Instant deadline = now() + std::chrono::seconds(10);
  std::vector<pid_t> pids;
  do pids = children_of(zygote);
  while (pids.size() != workers + 1 && now() < deadline);
  EXPECT_EQ(pids.size(), workers + 1u);
  pids.push_back(zygote);
  return together(pids);
}

/// Runs tasks until each worker has run its share.
void run_all(Executor& executor, Threads threads) {
  std::map<pid_t, int> counts;
  std::uint64_t seed = 0;
  const auto all_have = [&] {
    return workers == std::count_if(counts.begin(), counts.end(),
                                    [](const auto& entry) { return entry.second >= tasks_of_each; });
  };
  for (int round = 0; round < 100 && !all_have(); ++round) {
    std::vector<Future<pid_t>> futures;
    for (int i = 0; i < workers * tasks_of_each / 4; ++i)
      futures.push_back(executor.submit<allocate>(threads, ++seed));
    for (const auto& future : futures) ++counts[future.get()];
  }
  EXPECT_TRUE(all_have());
}

/// Holds after each worker has run its share of tasks in each of these ways.
void expect_shared(Executor& executor, pid_t zygote, std::initializer_list<Threads> in_tasks, double limit) {
  for (const Threads threads : in_tasks) run_all(executor, threads);
  EXPECT_LE(static_cast<double>(together(zygote)), limit);
}
pid_t zygote_of(Executor& executor) { return parent_of(executor.submit<own_process>().get()); }

TEST(PreloadMemory, of_one_gibibyte_is_there_once_for_all_workers) {
  Executor executor =
      session().executor({.workers = workers, .preload = hook<build_large_blocks>(1024 * mebibyte)});
  expect_shared(executor, zygote_of(executor), {Threads::one, Threads::several}, 1.02 * 1024 * mebibyte);
}

class PreloadInPieces : public testing::TestWithParam<Threads> {};

TEST_P(PreloadInPieces, stays_shared_whatever_threads_its_tasks_have) {
  Executor executor =
      session().executor({.workers = workers, .preload = hook<build_library>(GetParam(), 128 * mebibyte)});
  const pid_t zygote = zygote_of(executor);
  const auto limit = 1.02 * static_cast<double>(together(zygote));
  expect_shared(executor, zygote, {Threads::one, Threads::several, Threads::openmp}, limit);
}
INSTANTIATE_TEST_SUITE_P(Threads, PreloadInPieces,
                         testing::Values(Threads::one, Threads::several, Threads::openmp));

TEST(PreloadMemory, is_built_again_only_if_its_zygote_has_died) {
  reset_shared();
  Executor executor =
      session().executor({.workers = workers, .preload = hook<build_library>(Threads::one, mebibyte)});
  run_all(executor, Threads::one);
  EXPECT_EQ(shared(0).get(), 1u);
  for (std::uint32_t times = 2; times <= 3; ++times) {
    kill_process(zygote_of(executor));
    run_all(executor, Threads::one);
    EXPECT_EQ(shared(0).get(), times);
  }
}

}  // namespace
}  // namespace acre::test

// Values that are sent to each node once.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/refusals.hpp"

namespace acre::test {
namespace {
using Broadcasts = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Broadcasts, every_method, method_name);
using BroadcastsBeside = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, BroadcastsBeside, beside, method_name);
using BroadcastsOfProcesses = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, BroadcastsOfProcesses, processes, method_name);

// Counts how often it is decoded, in any process.
struct Counted {
  std::vector<int> numbers;
};

}  // namespace
}  // namespace acre::test

template <>
struct acre::wire::Codec<acre::test::Counted> {
  static void encode(Writer& writer, const acre::test::Counted& value) {
    acre::test::shared(5).add();
    wire::encode(writer, value.numbers);
  }
  static acre::test::Counted decode(Reader& reader) {
    acre::test::shared(6).add();
    return {wire::decode<std::vector<int>>(reader)};
  }
};

namespace acre::test {
namespace {

int pick(const Broadcast<Counted>& values, std::size_t at) { return values->numbers.at(at); }
int pick_shouting(const Broadcast<std::string>& text, Broadcast<std::vector<int>> numbers, int i) {
  return numbers->at(static_cast<std::size_t>(i)) + (*text)[static_cast<std::size_t>(i)];
}

TEST_P(Broadcasts, AreOrdinaryArgumentsEncodedOnceAndDecodedOncePerWorker) {
  Executor executor = open({.workers = 2});
  const auto values = executor.broadcast(Counted{{3, 1, 4, 1, 5}});
  EXPECT_EQ(shared(5).get(), 1u);
  for (std::size_t i = 0; i < 200; ++i)
    EXPECT_EQ(executor.submit<pick>(values, i % 5).get(), (std::array{3, 1, 4, 1, 5}[i % 5]));
  const std::vector<std::size_t> items(500, 4);
  for (const int got : executor.map<pick>(same(values), items)) EXPECT_EQ(got, 5);
  EXPECT_EQ(shared(5).get(), 1u) << "it is encoded once";
  EXPECT_GE(shared(6).get(), 1u);
  EXPECT_LE(shared(6).get(), has_processes(GetParam()) ? 2u : 1u) << "threads share one";
  EXPECT_EQ(values->numbers.size(), 5u) << "the root can look at it too";
}

TEST_P(Broadcasts, SeveralGoToOneTask) {
  Executor executor = open({.workers = 2});
  const auto text = executor.broadcast(std::string("abc"));
  const auto numbers = executor.broadcast(std::vector<int>{10, 20, 30});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(executor.submit<pick_shouting>(text, numbers, i).get(), 'a' + 11 * i + 10);
}

int take_empty(const Broadcast<std::vector<double>>& nothing) {
  return static_cast<int>(nothing.view().size());
}

TEST_P(Broadcasts, MayBeEmpty) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<take_empty>(executor.broadcast(std::vector<double>{})).get(), 0);
  EXPECT_EQ(executor
                .submit([](Broadcast<std::tuple<>> empty) { return *empty == std::tuple<>() ? 1 : 0; },
                        executor.broadcast(std::tuple<>()))
                .get(),
            1);
}

double look(const Broadcast<std::vector<double>>& values, std::size_t at) {
  const auto view = values.view();
  if (reinterpret_cast<std::uintptr_t>(view.data()) % 64 != 0) return -1;
  return view[at];
}

TEST_P(Broadcasts, AreLookedAtWithoutACopy) {
  Executor executor = open({.workers = 1});
  const auto values = executor.broadcast(std::vector<double>{0.5, 1.5, 2.5});
  EXPECT_EQ(executor.submit<look>(values, 2u).get(), 2.5);
  EXPECT_EQ(values.view()[1], 1.5);
}

TEST_P(Broadcasts, OfAnotherExecutorAreRefused) {
  Executor executor = open({.workers = 1}), other = open({.workers = 1});
  const auto values = other.broadcast(Counted{{1}});
  const std::string words =
      "a broadcast of another executor cannot be an argument of this one's tasks: make one with this "
      "executor's broadcast()";
  expect_refused([&] { executor.submit<pick>(values, 0u); }, words);
  const std::vector<std::size_t> items(3, 0);
  expect_refused([&] { executor.map<pick>(same(values), items).begin(); }, words);
  expect_refused([&] { wire::to_bytes(values); }, "a broadcast can be an argument of a task only");
  EXPECT_EQ(other.submit<pick>(values, 0u).get(), 1);
}

struct Pair {
  Broadcast<std::vector<int>> numbers;
  int factor;
};
ACRE_RECORD(Pair, numbers, factor)
int multiply(const Pair& pair) { return pair.numbers->front() * pair.factor; }

TEST_P(Broadcasts, TravelInsideOtherValues) {
  Executor executor = open({.workers = 1});
  const auto numbers = executor.broadcast(std::vector<int>{7});
  EXPECT_EQ(executor.submit<multiply>(Pair{numbers, 6}).get(), 42);
}

TEST_P(BroadcastsBeside, LiveAsLongAsTasksNeedThem) {
  Executor executor = open({.workers = 2});
  std::vector<Future<int>> futures;
  {
    const auto values = executor.broadcast(Counted{{3, 1, 4}});
    for (std::size_t i = 0; i < 600; ++i) futures.push_back(executor.submit<pick>(values, i % 3));
  }
  for (std::size_t i = 0; i < 600; ++i) EXPECT_EQ(futures[i].get(), (std::array{3, 1, 4}[i % 3]));
}

// Processes of this run, the program and its workers, that have such memory mapped.
std::size_t mapped_broadcasts(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find("acre-broadcast") != std::string::npos;
  return count;
}

int tell_process(const Broadcast<Counted>& values) {
  return values->numbers.empty() ? 0 : static_cast<int>(::getpid());
}

TEST_P(BroadcastsOfProcesses, AreFreedEverywhereWhenNobodyNeedsThem) {
  Executor executor = open({.workers = 1});
  auto values = std::make_unique<Broadcast<Counted>>(executor.broadcast(Counted{{1}}));
  const pid_t worker = executor.submit<tell_process>(*values).get();
  EXPECT_EQ(mapped_broadcasts(worker), 1u);
  EXPECT_EQ(mapped_broadcasts(::getpid()), 1u);
  values.reset();
  const Instant late = now() + std::chrono::seconds(20);
  while (mapped_broadcasts(worker) + mapped_broadcasts(::getpid()) != 0 && now() < late)
    executor.submit([] { return 0; }).get();
  EXPECT_EQ(mapped_broadcasts(worker), 0u);
  EXPECT_EQ(mapped_broadcasts(::getpid()), 0u);
}

TEST_P(BroadcastsOfProcesses, CannotBeWrittenTo) {
  Executor executor = open({.workers = 1, .retries = 0});
  const auto values = executor.broadcast(std::vector<double>{1, 2});
  const auto scribble = [](const Broadcast<std::vector<double>>& doubles) {
    *const_cast<volatile double*>(doubles.view().data()) = 3;
    return 0;
  };
  EXPECT_THROW(executor.submit(scribble, values).get(), WorkerLost);
  EXPECT_EQ(executor.submit<look>(values, 0u).get(), 1);
}

int die_once(Context& context, const Broadcast<Counted>& values) {
  if (context.attempt() == 1) ::raise(SIGKILL);
  return values->numbers.front();
}

TEST_P(BroadcastsOfProcesses, ReachWorkersThatReplaceOthers) {
  Executor executor = open({.workers = 1});
  std::vector<Broadcast<Counted>> many;
  for (int i = 0; i < 300; ++i) many.push_back(executor.broadcast(Counted{{i}}));
  for (int round = 0; round < 3; ++round) EXPECT_EQ(executor.submit<die_once>(many[299]).get(), 299);
  EXPECT_EQ(executor.submit<pick>(many[17], 0u).get(), 17);
  executor.resize(3);
  for (std::size_t i = 0; i < 60; ++i)
    EXPECT_EQ(executor.submit<pick>(many[i], 0u).get(), static_cast<int>(i));
}

// What a process has of the memory of broadcasts, each page divided by the number of those who have it.
std::int64_t pss_kilobytes() {
  std::ifstream maps("/proc/self/smaps");
  std::int64_t total = 0;
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(' ')) inside = line.find("acre-broadcast") != std::string::npos;
    std::int64_t size = 0;
    if (inside && line.starts_with("Pss:") && std::istringstream(line.substr(4)) >> size) total += size;
  }
  return total;
}

constexpr std::size_t large_count = 25'000'000;  // 200 MB

// All touch all pages, and then measure while all have them.
std::int64_t sum_and_weigh(const Broadcast<std::vector<double>>& values, std::uint32_t workers) {
  double sum = 0;
  const auto view = values.view();
  for (std::size_t i = 0; i < view.size(); i += 512) sum += view[i];
  shared(0).add();
  shared(0).await(workers);
  const std::int64_t weight = sum == static_cast<double>(large_count / 512 + 1) ? pss_kilobytes() : -1;
  shared(1).add();
  shared(1).await(workers);
  return weight;
}

TEST_P(BroadcastsOfProcesses, ANodeHasOneCopy) {
  constexpr std::uint32_t workers = 3;
  Executor executor = open({.workers = workers});
  const auto values = executor.broadcast(std::vector<double>(large_count, 1.0));
  std::vector<Future<std::int64_t>> futures;
  for (std::uint32_t i = 0; i < workers; ++i)
    futures.push_back(executor.submit<sum_and_weigh>(values, workers));
  std::int64_t total = 0;
  for (const auto& future : futures) {
    EXPECT_GT(future.get(), 0);
    total += future.get();
  }
  EXPECT_LT(total, 210'000'000 / 1024) << "that of all workers together";
  EXPECT_GT(total, 100'000'000 / 1024) << "it is measured";
}

}  // namespace
}  // namespace acre::test

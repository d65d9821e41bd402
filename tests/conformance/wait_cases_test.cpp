// CPython's cases of wait() and as_completed(), and mpi4py's of the latter.
#include <algorithm>
#include <set>
#include <thread>

#include "conformance/conformance.hpp"

namespace acre::test {
namespace {

/// Futures in each of the states that a future can be in, beside what runs.
class WaitCases : public Conformance {
 protected:
  ~WaitCases() override { shared(gate).set(1); }

  static Future<int> ended(const Future<int>& future) { return future.wait(), future; }
  static Future<int> taken_back(Future<int> future) {
    EXPECT_TRUE(take_back(future));
    return future;
  }

  Executor& executor = open(2);
  Executor& free_executor = open(2);
  Future<int> successful = ended(executor.submit<echo>(42));
  Future<int> failed = ended(executor.submit<failing>(1));
  std::vector<Future<int>> holding = occupy(executor);
  Future<int> cancelled = taken_back(executor.submit<held>(0));
};
using AsCompletedCases = WaitCases;
INSTANTIATE_TEST_SUITE_P(Conformance, WaitCases, beside, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, AsCompletedCases, beside, backend);

using Places = std::vector<std::size_t>;

TEST_P(WaitCases, first_completed) {
  const auto first = free_executor.submit<mul>(21, 2);
  const Waited waited = wait(std::vector{first, holding[0]}, Until::first_completed);
  EXPECT_EQ(waited.done, Places{0});
  EXPECT_EQ(waited.not_done, Places{1});
}

TEST_P(WaitCases, first_completed_some_already_completed) {
  const Waited waited = wait(std::vector{cancelled, successful, holding[0]}, Until::first_completed);
  EXPECT_EQ(waited.done, (Places{0, 1}));
  EXPECT_EQ(waited.not_done, Places{2});
}

TEST_P(WaitCases, first_exception) {
  const auto first = free_executor.submit<mul>(2, 21);
  first.wait();
  const auto second = free_executor.submit<failing>(2);
  const Waited waited = wait(std::vector{first, second, holding[0]}, Until::first_exception);
  EXPECT_EQ(waited.done, (Places{0, 1}));
  EXPECT_EQ(waited.not_done, Places{2});
}

TEST_P(WaitCases, first_exception_some_already_complete) {
  const auto first = free_executor.submit<failing>(3);
  const Waited waited = wait(std::vector{successful, first, holding[0]}, Until::first_exception);
  EXPECT_EQ(waited.done, (Places{0, 1}));
  EXPECT_EQ(waited.not_done, Places{2});
}

TEST_P(WaitCases, first_exception_one_already_failed) {
  const Waited waited = wait(std::vector{failed, holding[0]}, Until::first_exception);
  EXPECT_EQ(waited.done, Places{0});
  EXPECT_EQ(waited.not_done, Places{1});
}

TEST_P(WaitCases, first_exception_of_a_cancelled_one) {
  const Waited waited = wait(std::vector{cancelled, holding[0]}, Until::first_exception, seconds(20));
  EXPECT_EQ(waited.done, Places{0}) << "a cancelled one has no result: it counts as failed";
  EXPECT_EQ(waited.not_done, Places{1});
}

TEST_P(WaitCases, all_completed) {
  const auto first = free_executor.submit<failing>(2), second = free_executor.submit<mul>(2, 21);
  const Waited waited = wait(std::vector{successful, cancelled, failed, first, second});
  EXPECT_EQ(waited.done, (Places{0, 1, 2, 3, 4}));
  EXPECT_TRUE(waited.not_done.empty());
}

TEST_P(WaitCases, timeout) {
  const auto first = free_executor.submit<mul>(6, 7);
  first.wait();
  const Waited waited =
      wait(std::vector{cancelled, failed, successful, first, holding[0]}, Until::all, milliseconds(30));
  EXPECT_EQ(waited.done, (Places{0, 1, 2, 3}));
  EXPECT_EQ(waited.not_done, Places{4});
}

TEST_P(WaitCases, wait_for_duplicates_20369) {
  std::thread opener([] { shared(gate).set(1); });
  const Waited waited = wait(std::vector{holding[0], holding[0]});
  opener.join();
  EXPECT_EQ(waited.done, (Places{0, 1})) << "positions, of which there are two";
  EXPECT_TRUE(waited.not_done.empty());
}

TEST_P(WaitCases, pending_calls_race) {
  std::vector<Future<int>> futures;
  for (int i = 0; i < 100; ++i) futures.push_back(free_executor.submit<held>(i));
  std::thread opener([] { shared(gate).set(1); });
  EXPECT_EQ(wait(futures).done.size(), 100u);
  opener.join();
}

std::multiset<std::uint64_t> indices(const std::vector<Future<int>>& futures) {
  std::multiset<std::uint64_t> all;
  for (const auto& future : futures) all.insert(future.index());
  return all;
}

// Those that have ended before the time is over, each once.
std::multiset<std::uint64_t> completed(const std::vector<Future<int>>& futures, Duration timeout) {
  std::multiset<std::uint64_t> all;
  try {
    for (const auto& future : as_completed(futures, timeout)) all.insert(future.index());
  } catch (const TimeoutError&) {
    EXPECT_LT(all.size(), futures.size());
  }
  return all;
}

TEST_P(AsCompletedCases, no_timeout) {
  shared(gate).set(1);
  const std::vector futures{cancelled, failed, successful, executor.submit<mul>(2, 21),
                            executor.submit<mul>(7, 6)};
  EXPECT_EQ(completed(futures, Duration::max()), indices(futures));
}

TEST_P(AsCompletedCases, zero_timeout) {
  EXPECT_EQ(completed({cancelled, failed, successful, holding[0]}, Duration{0}),
            indices({cancelled, failed, successful}));
}

TEST_P(AsCompletedCases, nonzero_timeout) {
  EXPECT_EQ(completed({cancelled, failed, holding[0], successful}, milliseconds(100)),
            indices({cancelled, failed, successful}));
}

TEST_P(AsCompletedCases, duplicate_futures) {
  std::thread opener([] { shared(gate).set(1); });
  EXPECT_EQ(completed({holding[0], holding[0], holding[0]}, Duration::max()), indices({holding[0]}));
  opener.join();
}

Counted counted(int value) { return Counted(value); }

TEST_P(AsCompletedCases, free_reference_yielded_future) {
  std::vector<Future<Counted>> futures;
  for (int i = 0; i < 8; ++i) futures.push_back(free_executor.submit<counted>(i));
  wait(futures);
  auto ends = as_completed(futures);
  futures.clear();
  for (const auto& future : ends) {
    EXPECT_EQ(future.get().value % 8, future.get().value);
    EXPECT_EQ(shared(living).get(), 1u) << "the futures before are gone, with their values";
  }
  EXPECT_EQ(shared(living).get(), 0u);
}

TEST_P(AsCompletedCases, correct_timeout_exception_msg) {
  const auto iterate = [&] {
    const std::vector futures{cancelled, holding[0], holding[1], successful};
    for (const auto& future : as_completed(futures, Duration{0})) EXPECT_TRUE(future.done());
  };
  EXPECT_EQ(words_of<TimeoutError>(iterate), "2 of the futures have not ended in the time given");
}

}  // namespace
}  // namespace acre::test

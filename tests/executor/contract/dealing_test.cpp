// Which task comes first: priorities and expected times; and chunks, which change nothing but their speed.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <acre/random/philox.hpp>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"
#include "executor/refusals.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

// One worker, held up until the test lets it go.
class Order : public Contract {
 protected:
  Order() {
    blocker_ = executor_.submit<block>();
    std::thread waiter([this] { blocker_->wait(); });
    shared(1).await(1);
    waiter_ = std::move(waiter);
  }
  ~Order() override {
    if (waiter_.joinable()) go();
  }
  void go() {
    shared(0).set(1);
    waiter_.join();
  }
  static int block() {
    shared(1).add();
    shared(0).await(1);
    return 0;
  }
  static std::int64_t moment() { return now().ns; }

  Executor executor_ = open({.workers = 1});
  std::optional<Future<int>> blocker_;
  std::thread waiter_;
};

INSTANTIATE_TEST_SUITE_P(Contract, Order, beside, method_name);
using Terms = Contract;
using Chunks = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Terms, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, Chunks, every_method, method_name);

using Moments = std::vector<Future<std::int64_t>>;

// The places of tasks in the order in which they ran.
std::vector<std::size_t> order_of(const Moments& moments) {
  std::vector<std::size_t> order(moments.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return moments[a].get() < moments[b].get(); });
  return order;
}

TEST_P(Order, of_submits_is_kept) {
  Moments moments;
  for (int i = 0; i < 20; ++i) moments.push_back(executor_.submit<moment>());
  go();
  const std::vector<std::size_t> order = order_of(moments);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(Order, of_a_higher_priority_overtakes_what_waits_and_what_is_at_a_worker) {
  Moments moments;
  for (int i = 0; i < 20; ++i) moments.push_back(executor_.submit<moment>());
  moments.push_back(executor_.submit_with<moment>({.priority = 7}));
  moments.push_back(executor_.submit_with<moment>({.priority = -8}));
  go();
  const std::vector<std::size_t> order = order_of(moments);
  EXPECT_EQ(order.front(), 20u) << "also the one that its worker had already";
  EXPECT_TRUE(std::is_sorted(order.begin() + 1, order.end()));
}

TEST_P(Order, of_expected_times_is_the_longest_first) {
  const std::vector<int> expected_ms{1, 64, 16, 4, 256, 1024};
  Moments moments{executor_.submit<moment>()};  // this one waits at the worker
  for (const int ms : expected_ms)
    moments.push_back(executor_.submit_with<moment>({.expected = milliseconds(ms)}));
  go();
  EXPECT_EQ(order_of(moments), (std::vector<std::size_t>{0, 6, 5, 2, 3, 4, 1}));
}

TEST_P(Order, of_a_map_with_a_priority_is_before_others) {
  const Moments low{executor_.submit<moment>(), executor_.submit<moment>(), executor_.submit<moment>()};
  const auto at = [](int) { return now().ns; };
  auto results = executor_.map<at>(std::vector<int>(50), {.priority = 1});
  std::thread opener([this] {  // once all are submitted: a map is lazy
    const Instant deadline = now() + std::chrono::seconds(20);
    while (executor_.engine()->counts().submitted < 54 && now() < deadline) std::this_thread::yield();
    shared(0).set(1);
  });
  std::vector<std::int64_t> high;
  for (const std::int64_t moment : results) high.push_back(moment);
  opener.join();
  EXPECT_TRUE(std::is_sorted(high.begin(), high.end()));
  EXPECT_LT(high.back(), low[1].get()) << "the first one may have been at the worker";
}

TEST_P(Terms, that_cannot_be_are_refused_in_one_sentence) {
  Executor executor = open({.workers = 1});
  const auto one = [](int x) { return x; };
  const auto with = [&](const TaskOptions& options) {
    return [&executor, one, options] { executor.submit_with(options, one, 1); };
  };
  expect_refused(with({.priority = 8}), "a priority is from -8 to 7, not 8");
  expect_refused(with({.priority = -9}), "a priority is from -8 to 7, not -9");
  expect_refused(with({.expected = Duration(-1)}), "the expected time of a task cannot be negative");
  const std::string timeout = "a timeout must be more than nothing: leave it out for none";
  expect_refused(with({.timeout = Duration{}}), timeout);
  expect_refused(with({.timeout = Duration(-1)}), timeout);
  expect_refused([&] { executor.map<one>({1}, {.priority = 9}); }, "a priority is from -8 to 7, not 9");
  EXPECT_EQ(executor.submit(one, 4).get(), 4);
}

std::uint64_t mix(Context& context, std::uint64_t x) {
  return context.random().bits() ^ (x * 0x9E3779B97F4A7C15U) ^ context.index();
}

TEST_P(Chunks, of_any_size_and_any_workers_give_the_same_bits) {
  constexpr std::uint64_t count = 3000;
  std::vector<std::uint64_t> serially;
  for (std::uint64_t i = 0; i < count; ++i) {
    Context context(i, 1, random::stream_key(3, std::string_view("mixing")));
    serially.push_back(mix(context, i));
  }
  for (const int workers : {1, 2, 5}) {
    Executor executor = open({.workers = workers, .seed = 3});
    for (const std::uint32_t chunk : {1u, 7u, 0u, 100'000u}) {
      std::vector<std::uint64_t> results;
      for (const std::uint64_t value : executor.map<mix>(CountUp(count), {.chunk = chunk, .stage = "mixing"}))
        results.push_back(value);
      EXPECT_TRUE(results == serially) << workers << " workers, chunks of " << chunk;
    }
  }
}

}  // namespace
}  // namespace acre::test

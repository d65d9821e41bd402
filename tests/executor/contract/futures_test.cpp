// Futures of values that are made here: then, when_all, when_any; and what a future tells while its task
// runs.
#include <unistd.h>

#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr seconds soon(20);

int at_once(int value) { return value; }
void nothing() {}
int failing(int value) { throw std::range_error(std::to_string(value)); }
// Ends once its gate is open.
int gated(int gate) {
  shared(0).add();
  shared(static_cast<std::size_t>(gate)).await(1);
  return gate;
}
std::unique_ptr<int> owned(int value) { return std::make_unique<int>(value); }
int exits(int code) { ::_exit(code); }
std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class Futures : public Contract {
 protected:
  ~Futures() override { open_all(); }  // before the executors, which wait for their tasks
  Executor& open(int workers) { return executors_.emplace_back(Contract::open({.workers = workers})); }
  static void open_all() {
    for (std::size_t i = 1; i < counters; ++i) shared(i).set(1);
  }

 private:
  std::list<Executor> executors_;
};
using FuturesBeside = Futures;
using FuturesOfProcesses = Futures;
INSTANTIATE_TEST_SUITE_P(Contract, Futures, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, FuturesBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, FuturesOfProcesses, processes, method_name);

TEST_P(FuturesBeside, running_from_its_start_to_its_end) {
  Executor& executor = open(1);
  const auto first = executor.submit<gated>(1);
  const auto second = executor.submit<gated>(2);
  shared(0).await(1);
  EXPECT_TRUE(first.running());
  EXPECT_FALSE(second.running()) << "there is one worker";
  shared(1).set(1);
  shared(0).await(2);
  first.get();
  EXPECT_FALSE(first.running());
  EXPECT_TRUE(second.running());
  EXPECT_FALSE(std::as_const(second).cancelled());
}

TEST_P(Futures, then_makes_a_value_of_the_result_on_the_callback_thread) {
  Executor& executor = open(1);
  pid_t thread = 0, other = 0;
  const auto text = executor.submit<at_once>(20).then([&](const int& value) {
    thread = ::gettid();
    return std::to_string(value + 1);
  });
  EXPECT_EQ(text.get(), "21");
  EXPECT_NE(thread, ::gettid());
  EXPECT_EQ(text.then([&](const std::string& t) {
                  other = ::gettid();
                  return t.size();
                })
                .get(),
            2u);
  EXPECT_EQ(other, thread);
  int called = 0;
  executor.submit<nothing>().then([&] { ++called; }).then([&] { ++called; }).get();
  EXPECT_EQ(called, 2);
}

struct Unencodable {
  std::thread::id thread;
  std::unique_ptr<int> value;
};

TEST_P(Futures, then_makes_values_that_have_no_codec_and_cannot_be_copied) {
  Executor& executor = open(1);
  auto made =
      executor.submit<owned>(7).then([extra = std::make_unique<int>(1)](const std::unique_ptr<int>& v) {
        return Unencodable{std::this_thread::get_id(), std::make_unique<int>(*v + *extra)};
      });
  EXPECT_EQ(*made.get().value, 8);
  EXPECT_EQ(made.then([](const Unencodable& u) { return *u.value; }).get(), 8);
  const Unencodable moved = std::move(made).get();
  EXPECT_EQ(*moved.value, 8);
}

TEST_P(Futures, then_passes_failures_by_and_keeps_what_its_function_throws) {
  Executor& executor = open(1);
  bool called = false;
  const auto passed = executor.submit<failing>(5).then([&](const int&) { called = true; });
  EXPECT_THROW(passed.get(), Thrown<std::range_error>);
  EXPECT_FALSE(called);
  struct Odd {
    int value;
  };
  const auto thrown = executor.submit<at_once>(5).then([](const int& v) -> int { throw Odd{v}; });
  for (int i = 0; i < 2; ++i) {
    try {
      thrown.then([](const int&) { return 1; }).get();
      FAIL() << "it threw";
    } catch (const Odd& odd) {
      EXPECT_EQ(odd.value, 5);
    }
  }
}

TEST_P(FuturesBeside, then_fires_while_nobody_waits) {
  Executor& executor = open(1);
  const auto made = executor.submit<gated>(1).then([](const int&) { shared(40).add(); });
  EXPECT_FALSE(made.done());
  EXPECT_FALSE(made.wait(milliseconds(1)));
  shared(1).set(1);
  shared(40).await(1);
  made.get();
}

TEST_P(Futures, a_callback_may_submit_but_must_not_wait) {
  Executor& executor = open(1);
  const auto other = executor.submit<at_once>(2);
  const auto inner = executor.submit<at_once>(1).then([&](const int& value) {
    const auto next = executor.submit<at_once>(value + 10);
    const auto later = next.then([](const int& v) { return v; });
    EXPECT_THROW(later.get(), WouldDeadlock) << "it can only be made after this";
    EXPECT_THROW(when_all(next, later).get(), WouldDeadlock);
    EXPECT_THROW(wait(std::vector{later}, Until::first_completed), WouldDeadlock);
    return next;
  });
  EXPECT_EQ(inner.get().get(), 11);
}

TEST_P(FuturesBeside, cancel_ends_what_is_made_and_leaves_its_task_alone) {
  Executor& executor = open(1);
  const auto task = executor.submit<gated>(1);
  bool called = false;
  auto made = task.then([&](const int&) { called = true; });
  const auto after = made.then([] { return 1; });
  shared(0).await(1);
  EXPECT_TRUE(made.cancel());
  EXPECT_TRUE(made.cancelled());
  EXPECT_THROW(made.get(), TaskCancelled);
  EXPECT_THROW(after.get(), TaskCancelled);
  EXPECT_FALSE(task.done());
  shared(1).set(1);
  EXPECT_EQ(task.get(), 1);
  task.then([](const int&) {}).get();  // its callbacks come later
  EXPECT_FALSE(called);
  auto ended = task.then([](const int& v) { return v; });
  ended.get();
  EXPECT_FALSE(ended.cancel());
  EXPECT_EQ(ended.get(), 1);
}

TEST_P(Futures, when_all_yields_all_results_in_order) {
  Executor& executor = open(2);
  std::vector<Future<int>> futures;
  for (int i = 0; i < 200; ++i) futures.push_back(executor.submit<at_once>(i));
  std::vector<int> expected(200);
  for (int i = 0; i < 200; ++i) expected[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(when_all(futures).get(), expected);
  EXPECT_EQ(futures[3].get(), 3) << "what can be copied is";
  EXPECT_TRUE(when_all(std::vector<Future<int>>{}).get().empty());
  when_all(std::vector{executor.submit<nothing>(), executor.submit<nothing>()}).get();
  std::vector<Future<std::unique_ptr<int>>> moved;
  moved.push_back(executor.submit<owned>(3));
  EXPECT_EQ(*when_all(std::move(moved)).get().at(0), 3);
  const auto mixed = when_all(executor.submit<at_once>(1), executor.submit<nothing>(),
                              executor.submit<at_once>(2).then([](const int& v) { return v + 0.5; }));
  EXPECT_EQ(mixed.get(), (std::tuple(1, std::monostate{}, 2.5)));
}

TEST_P(FuturesBeside, when_all_fails_with_the_first_failure_at_once) {
  Executor& executor = open(3);
  const auto all = when_all(std::vector{executor.submit<gated>(1), executor.submit<failing>(3)});
  EXPECT_THROW(all.get(soon), Thrown<std::range_error>);
  const auto both = when_all(executor.submit<gated>(1), executor.submit<failing>(3));
  EXPECT_THROW(both.get(soon), Thrown<std::range_error>);
}

TEST_P(FuturesBeside, when_any_yields_the_position_of_the_first_end) {
  Executor &one = open(3), &two = open(2);
  const std::vector futures{one.submit<gated>(1), two.submit<gated>(2), two.submit<gated>(3)};
  const auto any = when_any(futures);
  EXPECT_THROW(any.get(milliseconds(1)), TimeoutError);
  shared(2).set(1);
  EXPECT_EQ(any.get(soon), 1u);
  EXPECT_EQ(when_any(std::vector{one.submit<gated>(1), one.submit<failing>(1)}).get(soon), 1u)
      << "in any way";
  EXPECT_THROW(when_any(std::vector<Future<int>>{}), Error);
}

TEST_P(FuturesBeside, combinations_of_combinations) {
  Executor &one = open(2), &two = open(2);
  const auto sum = [](const std::vector<int>& values) { return values.at(0) + values.at(1); };
  const auto left = when_all(std::vector{one.submit<gated>(1), two.submit<at_once>(20)}).then(sum);
  const auto right = when_all(std::vector{one.submit<at_once>(300), two.submit<gated>(4)}).then(sum);
  const auto both = when_all(std::vector{left, right}).then(sum);
  EXPECT_FALSE(both.wait(milliseconds(1)));
  shared(4).set(1);
  EXPECT_EQ(when_any(std::vector{left, right}).get(soon), 1u);
  shared(1).set(1);
  EXPECT_EQ(both.get(soon), 325);
  EXPECT_EQ(wait(std::vector{left, right, both}, Until::first_completed).done.size(), 3u);
  for (const auto& future : as_completed(std::vector{left, right})) EXPECT_TRUE(future.done());
}

// Long chains must take no stack.
TEST_P(Futures, a_chain_of_a_hundred_thousand) {
  Executor& executor = open(1);
  Future<int> last = executor.submit<at_once>(0);
  for (int i = 0; i < 100'000; ++i) last = last.then([](const int& v) { return v + 1; });
  EXPECT_EQ(last.get(), 100'000);
}

// Median of some lone round trips.
template <class Call>
double median_us(Call call) {
  std::vector<double> times;
  for (int i = 0; i < 41; ++i) {
    const Instant begin = now();
    call(i);
    times.push_back(static_cast<double>((now() - begin).count()) / 1000);
  }
  std::nth_element(times.begin(), times.begin() + 20, times.end());
  return times[20];
}

// A nap of the engine's thread would cost 20 ms, and a sleep 50 ms.
TEST_P(Futures, nobody_naps_while_values_are_made) {
  Executor &one = open(1), &two = open(1);
  const auto same = [](const int& v) { return v; };
  const double lone = median_us([&](int i) { one.submit<at_once>(i).get(); });
  const double made = median_us([&](int i) { one.submit<at_once>(i).then(same).get(); });
  const double all =
      median_us([&](int i) { when_all(one.submit<at_once>(i), one.submit<at_once>(i)).get(); });
  const double far =
      median_us([&](int i) { when_all(one.submit<at_once>(i), two.submit<at_once>(i)).get(); });
  const double first = median_us([&](int i) {
    const std::vector futures{one.submit<at_once>(i), two.submit<at_once>(i)};
    for (const auto& future : as_completed(futures)) future.get();
  });
  for (const double time : {made, all, far, first}) EXPECT_LT(time, 10'000) << "lone: " << lone;
}

TEST_P(FuturesOfProcesses, shutdown_with_cancel_fails_what_is_still_to_be_made) {
  Executor& executor = open(1);
  Executor& other = open(1);
  const auto task = executor.submit<gated>(1);
  const auto made = task.then([](const int& v) { return v; });
  const auto joined = when_all(std::vector{task, other.submit<at_once>(1)});
  const auto waiting = executor.submit<at_once>(1).then([](const int& v) { return v; });
  std::thread waiter([&] { EXPECT_THROW(made.get(), ExecutorBroken); });
  shared(0).await(1);
  executor.shutdown(true);
  waiter.join();
  EXPECT_TRUE(made.done()) << "callbacks have run when shutdown returns";
  EXPECT_THROW(waiting.get(soon), TaskCancelled);
  EXPECT_THROW(joined.get(soon), ExecutorBroken);
}

TEST_P(FuturesOfProcesses, a_lost_worker_fails_what_is_made_of_its_task) {
  Executor executor = Contract::open({.workers = 1, .retries = 0});
  const auto made = executor.submit<exits>(3).then([](const int& v) { return v; });
  EXPECT_THROW(made.get(), WorkerLost);
  EXPECT_EQ(executor.submit<at_once>(4).then([](const int& v) { return v; }).get(), 4);
}

TEST_P(Futures, values_outlive_their_executor_and_can_be_made_after_it) {
  std::optional<Future<int>> made, task;
  {
    Executor executor = Contract::open({.workers = 1});
    task = executor.submit<at_once>(1);
    made = task->then([](const int& v) { return v + 1; });
  }
  EXPECT_TRUE(made->done());
  EXPECT_EQ(made->get(), 2);
  EXPECT_EQ(made->then([](const int& v) { return v + 1; }).get(), 3);
  EXPECT_EQ(when_all(std::vector{*made, *task}).get(), (std::vector{2, 1}));
  EXPECT_EQ(when_any(std::vector{*made, *task}).get(), 0u);
  std::thread other([&] { made->on_done([](const Future<int>& f) { EXPECT_EQ(f.get(), 2); }); });
  other.join();
}

TEST_P(Futures, what_a_callback_throws_is_said) {
  Executor executor = Contract::open({.workers = 1});
  testing::internal::CaptureStderr();
  executor.submit<at_once>(1).on_done([](const Future<int>&) { throw std::runtime_error("not my day"); });
  executor.shutdown();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "acre: a callback threw std::runtime_error: not my day\n");
}

// Of every three futures one goes at once, and one while its task may be ending; some results need memory.
TEST_P(Futures, futures_go_at_any_time) {
  Executor& executor = open(2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      std::vector<Future<std::string>> kept, dropped;
      for (int i = 0; i < 300; ++i) {
        auto future = executor.submit<repeated>("0123456789", i % 5);
        if (i % 3 != 0) (i % 3 == 1 ? kept : dropped).push_back(std::move(future));
      }
      kept.front().wait();
      dropped.clear();
      for (int i = 1, k = 0; i < 300; i += 3, ++k)
        EXPECT_EQ(kept[static_cast<std::size_t>(k)].get(), repeated("0123456789", i % 5));
    });
  for (auto& thread : threads) thread.join();
}

// Waiters on several threads, for what is made of tasks of executors that end at the same time.
TEST_P(FuturesBeside, many_threads_wait_for_what_is_made) {
  Executor &one = open(2), &two = open(1);
  const auto gate = when_all(one.submit<gated>(1), two.submit<gated>(2)).then([](const auto& both) {
    return std::get<0>(both) + std::get<1>(both);
  });
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&] {
      sum += gate.get();
      for (int i = 0; i < 20; ++i) sum += two.submit<at_once>(i).then([](const int& v) { return v; }).get();
    });
  shared(0).await(2);
  shared(1).set(1);
  shared(2).set(1);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, 6 * (3 + 190));
}

}  // namespace
}  // namespace acre::test

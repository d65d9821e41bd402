// What a failed or cancelled task looks like to whoever asks for it, and callbacks.
#include <unistd.h>

#include <array>
#include <thread>

#include "executor/contract/contract.hpp"
#include "executor/exceptions.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;

std::string this_host() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

template <class E>
int throwing(const std::string& text) {
  throw E(text);
}

// E arrives as itself, as std::exception and as TaskInfo, with the message that was thrown.
template <class E>
void expect_own_type(Executor& executor) {
  const auto future = executor.submit<throwing<E>>("its words");
  try {
    future.get();
    FAIL() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_EQ(typeid(error), typeid(Thrown<E>));
    EXPECT_STREQ(error.what(), "its words");
    const auto& info = dynamic_cast<const TaskInfo&>(error);
    EXPECT_EQ(info.task, future.index());
    EXPECT_EQ(info.attempt, 1);
    EXPECT_EQ(info.worker, 0);
    EXPECT_EQ(info.rank, 0);
    EXPECT_EQ(info.host, this_host());
    EXPECT_EQ(info.message, "its words");
  }
  EXPECT_THROW(future.get(), E);
}

using Failures = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Failures, every_method, method_name);

TEST_P(Failures, of_standard_types_are_thrown_as_themselves) {
  Executor executor = open({.workers = 1});
  expect_own_type<std::runtime_error>(executor);
  expect_own_type<std::logic_error>(executor);
  expect_own_type<std::invalid_argument>(executor);
  expect_own_type<std::domain_error>(executor);
  expect_own_type<std::length_error>(executor);
  expect_own_type<std::out_of_range>(executor);
  expect_own_type<std::range_error>(executor);
  expect_own_type<std::overflow_error>(executor);
  expect_own_type<std::underflow_error>(executor);
}

TEST_P(Failures, of_users_types_and_those_with_codes_are_thrown_as_themselves) {
  Executor executor = open({.workers = 1});
  expect_exceptions(executor);
}

TEST_P(Failures, keep_what_is_nested_in_them) {
  Executor executor = open({.workers = 1});
  expect_nested_exceptions(executor);
}

struct Peculiar final : std::exception {
  const char* what() const noexcept override { return "peculiar words"; }
};
struct NoException {};

int odd(int kind) {
  switch (kind) {
    case 0:
      throw Peculiar{};
    case 1:
      throw NoException{};
    case 2:
      throw std::string("a text");
    case 3:
      throw "a literal";
    default:
      throw 42;
  }
}

TEST_P(Failures, of_other_types_are_task_errors_that_name_the_type) {
  Executor executor = open({.workers = 1});
  const std::vector<std::pair<std::string, std::string>> expected{
      {"acre::test::(anonymous namespace)::Peculiar", "peculiar words"},
      {"acre::test::(anonymous namespace)::NoException", "(it is no std::exception and carries no message)"},
      {"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "a text"},
      {"char const*", "a literal"},
      {"int", "(it is no std::exception and carries no message)"}};
  for (std::size_t kind = 0; kind < expected.size(); ++kind) {
    const auto future = executor.submit<odd>(static_cast<int>(kind));
    try {
      future.get();
      ADD_FAILURE() << "nothing was thrown";
    } catch (const TaskError& error) {
      EXPECT_EQ(error.type, expected[kind].first);
      EXPECT_EQ(error.message, expected[kind].second);
      EXPECT_EQ(error.what(), "task " + std::to_string(kind) + " (attempt 1, worker 0 on " + this_host() +
                                  "): " + error.type + ": " + error.message);
    }
  }
}

int one() { return 1; }
int one_of(int) { return 1; }

TEST_P(Failures, exception_says_what_get_would_throw) {
  Executor executor = open({.workers = 1});
  EXPECT_EQ(executor.submit<one>().exception(), nullptr);
  const auto future = executor.submit<throwing<std::out_of_range>>("far");
  const std::exception_ptr failure = future.exception();
  ASSERT_NE(failure, nullptr);
  EXPECT_THROW(std::rethrow_exception(failure), std::out_of_range);
  EXPECT_EQ(executor.submit<one>().get(), 1) << "a task that throws costs no worker";
}

TEST_P(Failures, that_are_thrown_are_not_tried_again) {
  Executor executor = open({.workers = 1, .retries = 5});
  const auto task = [](int) -> int {
    shared(0).add();
    throw std::runtime_error("always");
  };
  EXPECT_THROW(executor.submit(task, 1).get(), std::runtime_error);
  EXPECT_EQ(shared(0).get(), 1u);
}

class Gated : public Contract {
 protected:
  ~Gated() override { shared(0).set(1); }
  Executor executor = open({.workers = 1});
};
INSTANTIATE_TEST_SUITE_P(Contract, Gated, beside, method_name);

int gated(int value) {
  shared(1).add();
  shared(0).await(1);
  return value;
}

TEST_P(Gated, cancel_takes_back_what_waits_and_leaves_what_runs) {
  auto running = executor.submit<gated>(1);
  std::vector<Future<int>> waiting;
  for (int i = 0; i < 20; ++i) waiting.push_back(executor.submit<gated>(i));
  std::thread waiter([&] { running.wait(); });
  shared(1).await(1);
  for (std::size_t i = 0; i < waiting.size(); i += 2) EXPECT_TRUE(waiting[i].cancel());
  EXPECT_TRUE(waiting[0].cancel()) << "cancelled is cancelled";
  EXPECT_TRUE(waiting[0].cancelled());
  EXPECT_TRUE(waiting[0].done());
  EXPECT_THROW(waiting[0].get(), TaskCancelled);
  EXPECT_FALSE(running.cancel());
  EXPECT_FALSE(running.cancelled());
  shared(0).set(1);
  waiter.join();
  EXPECT_EQ(running.get(), 1);
  EXPECT_FALSE(running.cancel()) << "what has ended cannot be cancelled";
  for (std::size_t i = 1; i < waiting.size(); i += 2) EXPECT_EQ(waiting[i].get(), static_cast<int>(i));
  EXPECT_EQ(shared(1).get(), 11u) << "cancelled tasks never ran";
}

TEST_P(Gated, cancel_takes_back_large_tasks_without_losing_others) {
  const auto length = [](const std::string& text) { return text.size(); };
  const auto running = executor.submit<gated>(1);
  std::vector<Future<std::size_t>> large;
  for (std::size_t i = 0; i < 8; ++i) large.push_back(executor.submit(length, std::string(100'000 + i, 'x')));
  std::thread waiter([&] { running.wait(); });
  shared(1).await(1);
  for (std::size_t i = 0; i < 8; i += 2) EXPECT_TRUE(large[i].cancel());
  shared(0).set(1);
  waiter.join();
  for (std::size_t i = 1; i < 8; i += 2) EXPECT_EQ(large[i].get(), 100'000 + i);
}

TEST_P(Gated, cancel_before_the_workers_are_there) {
  auto early = executor.submit<gated>(1);
  EXPECT_TRUE(early.cancel());
  EXPECT_THROW(early.get(), TaskCancelled);
}

TEST_P(Gated, callbacks_fire_while_nobody_waits) {
  std::atomic<int> seen = 0;
  const auto future = executor.submit<gated>(3);
  future.on_done([&](const Future<int>& done) {
    seen = done.get();
    shared(2).add();
  });
  future.on_done([&](const Future<int>&) { shared(2).add(); });
  shared(0).set(1);
  shared(2).await(2);
  EXPECT_EQ(seen, 3);
  future.on_done([&](const Future<int>& done) {
    seen = 10 * done.get();
    shared(2).add();
  });
  shared(2).await(3);
  EXPECT_EQ(seen, 30) << "of a task that had ended";
}

TEST_P(Gated, callbacks_run_on_a_thread_of_their_own_and_may_throw) {
  const auto waiter = std::this_thread::get_id();
  std::atomic<bool> elsewhere = false;
  shared(0).set(1);
  const auto future = executor.submit<throwing<std::runtime_error>>("x");
  future.on_done([](const Future<int>& done) { done.get(); });
  future.on_done([&](const Future<int>&) {
    elsewhere = std::this_thread::get_id() != waiter;
    shared(2).add();
  });
  EXPECT_THROW(future.get(), std::runtime_error);
  shared(2).await(1);
  EXPECT_TRUE(elsewhere);
}

TEST_P(Gated, callbacks_that_would_wait_are_refused_at_once) {
  const auto blocked = executor.submit<gated>(1);
  std::atomic<int> refused = 0;
  const auto count_refusal = [&](auto wait) {
    try {
      wait();
    } catch (const WouldDeadlock&) {
      ++refused;
    }
  };
  auto quick = executor.submit<one>();
  quick.cancel();
  quick.on_done([&](const Future<int>&) {
    count_refusal([&] { blocked.get(); });
    count_refusal([&] { blocked.wait(milliseconds(1)); });
    count_refusal([&] { executor.shutdown(); });
    count_refusal([&] { wait(std::vector{blocked}); });
    count_refusal([&] { *executor.map<one_of>({1, 2}).begin(); });
    shared(2).add();
  });
  shared(2).await(1);
  EXPECT_EQ(refused, 5);
  shared(0).set(1);
  EXPECT_EQ(blocked.get(), 1);
}

TEST_P(Gated, callbacks_may_submit) {
  shared(0).set(1);
  std::optional<Future<int>> second;
  const auto first = executor.submit<one>();
  first.on_done([&](const Future<int>& done) {
    second = executor.submit<gated>(done.get() + 1);
    shared(2).add();
  });
  shared(2).await(1);
  EXPECT_EQ(second->get(), 2);
}

}  // namespace
}  // namespace acre::test

// CPython's cases of Future, and mpi4py's of its futures with then().
#include <mutex>
#include <thread>

#include "conformance/conformance.hpp"

namespace acre::test {
namespace {

using FutureCases = Conformance;
using FutureCasesBeside = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, FutureCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, FutureCasesBeside, beside, backend);

// A callback adds to the counter `called` once it is through, so that the test can wait for it.
template <class T, class Look>
void look_later(const Future<T>& future, Look look) {
  future.on_done([look = std::move(look)](const Future<T>& done) {
    look(done);
    shared(called).add();
  });
}

TEST_P(FutureCasesBeside, done_callback_with_result) {
  Executor& executor = open(1);
  int result = 0;
  const auto future = executor.submit<held>(5);
  look_later(future, [&](const Future<int>& done) { result = done.get(); });
  shared(gate).set(1);
  shared(called).await(1);
  EXPECT_EQ(result, 5);
}

TEST_P(FutureCasesBeside, done_callback_with_exception) {
  Executor& executor = open(1);
  std::exception_ptr failure;
  const auto future = executor.submit<held_and_failing>(7);
  look_later(future, [&](const Future<int>& done) { failure = done.exception(); });
  shared(gate).set(1);
  shared(called).await(1);
  EXPECT_EQ(words_of<std::runtime_error>([&] { std::rethrow_exception(failure); }),
            "this is an exception: 7");
}

TEST_P(FutureCasesBeside, done_callback_with_cancel) {
  Executor& executor = open(1);
  const auto running = occupy(executor);
  bool cancelled = false;
  auto future = executor.submit<echo>(1);
  look_later(future, [&](const Future<int>& done) { cancelled = done.cancelled(); });
  EXPECT_TRUE(take_back(future));
  shared(called).await(1);
  EXPECT_TRUE(cancelled);
}

TEST_P(FutureCasesBeside, done_callback_raises) {
  Executor& executor = open(1);
  const auto future = executor.submit<held>(5);
  look_later(future, [](const Future<int>&) {
    shared(called).add();
    throw std::runtime_error("doh!");
  });
  look_later(future, [](const Future<int>&) {});
  shared(gate).set(1);
  shared(called).await(2);
  EXPECT_EQ(future.get(), 5);
}

TEST_P(FutureCases, done_callback_already_successful) {
  const auto future = open(1).submit<echo>(5);
  future.wait();
  int result = 0;
  look_later(future, [&](const Future<int>& done) { result = done.get(); });
  shared(called).await(1);
  EXPECT_EQ(result, 5);
}

TEST_P(FutureCases, done_callback_already_failed) {
  const auto future = open(1).submit<failing>(3);
  future.wait();
  bool failed = false;
  look_later(future, [&](const Future<int>& done) { failed = done.exception() != nullptr; });
  shared(called).await(1);
  EXPECT_TRUE(failed);
}

TEST_P(FutureCasesBeside, done_callback_already_cancelled) {
  Executor& executor = open(1);
  const auto running = occupy(executor);
  auto future = executor.submit<echo>(1);
  EXPECT_TRUE(take_back(future));
  bool cancelled = false;
  look_later(future, [&](const Future<int>& done) { cancelled = done.cancelled(); });
  shared(called).await(1);
  EXPECT_TRUE(cancelled);
}

TEST_P(FutureCases, done_callback_raises_already_succeeded) {
  const auto future = open(1).submit<echo>(5);
  EXPECT_EQ(future.get(), 5);
  EXPECT_NO_THROW(future.on_done([](const Future<int>&) {
    shared(called).add();
    throw 42;
  }));
  look_later(future, [](const Future<int>&) {});
  shared(called).await(2);
}

TEST_P(FutureCases, done_callbacks_in_the_order_they_were_added) {
  const auto future = open(1).submit<echo>(5);
  std::vector<int> order;
  for (int i = 0; i < 10; ++i) look_later(future, [&, i](const Future<int>&) { order.push_back(i); });
  shared(called).await(10);
  EXPECT_EQ(order, upto(10));
}

/// A future in each state.
class FutureStates : public Conformance {
 protected:
  FutureStates() {
    running = occupy(executor);
    cancelled.emplace(executor.submit<echo>(1));
    pending.emplace(executor.submit<echo>(1));
    EXPECT_TRUE(take_back(*cancelled));
    failed.wait();
    successful.wait();
  }
  ~FutureStates() override { shared(gate).set(1); }

  Executor& executor = open(1);
  Future<int> failed = executor.submit<failing>(1), successful = executor.submit<echo>(42);
  std::vector<Future<int>> running;
  std::optional<Future<int>> cancelled, pending;
};
INSTANTIATE_TEST_SUITE_P(Conformance, FutureStates, beside, backend);

TEST_P(FutureStates, cancel) {
  EXPECT_TRUE(take_back(*pending));
  EXPECT_FALSE(running[0].cancel());
  EXPECT_TRUE(take_back(*cancelled));
  EXPECT_FALSE(failed.cancel());
  EXPECT_FALSE(successful.cancel());
  EXPECT_TRUE(pending->cancelled());
  EXPECT_FALSE(running[0].done());
  EXPECT_EQ(successful.get(), 42);
}

TEST_P(FutureStates, cancelled) {
  EXPECT_FALSE(pending->cancelled());
  EXPECT_FALSE(running[0].cancelled());
  EXPECT_TRUE(cancelled->cancelled());
  EXPECT_FALSE(failed.cancelled());
  EXPECT_FALSE(successful.cancelled());
}

TEST_P(FutureStates, done) {
  EXPECT_FALSE(pending->done());
  EXPECT_FALSE(running[0].done());
  EXPECT_TRUE(cancelled->done());
  EXPECT_TRUE(failed.done());
  EXPECT_TRUE(successful.done());
}

TEST_P(FutureStates, result_with_timeout) {
  EXPECT_THROW(pending->get(Duration{0}), TimeoutError);
  EXPECT_THROW(running[0].get(Duration{0}), TimeoutError);
  EXPECT_THROW(cancelled->get(Duration{0}), TaskCancelled);
  EXPECT_THROW(failed.get(Duration{0}), std::runtime_error);
  EXPECT_EQ(successful.get(Duration{0}), 42);
}

TEST_P(FutureStates, exception_with_timeout) {
  EXPECT_THROW(pending->exception(Duration{0}), TimeoutError);
  EXPECT_THROW(running[0].exception(Duration{0}), TimeoutError);
  EXPECT_THROW(std::rethrow_exception(cancelled->exception(Duration{0})), TaskCancelled);
  EXPECT_THROW(std::rethrow_exception(failed.exception(Duration{0})), std::runtime_error);
  EXPECT_EQ(successful.exception(Duration{0}), nullptr);
}

TEST_P(FutureStates, result_with_success) {
  std::thread notification([] { shared(gate).set(1); });
  EXPECT_EQ(running[0].get(seconds(20)), 0);
  notification.join();
}

TEST_P(FutureStates, result_with_cancel) {
  std::thread notification([&] { pending->cancel(); });
  EXPECT_THROW(pending->get(seconds(20)), TaskCancelled);
  notification.join();
}

TEST_P(FutureCasesBeside, exception_with_success) {
  const auto future = open(1).submit<held_and_failing>(1);
  std::thread notification([] { shared(gate).set(1); });
  EXPECT_THROW(std::rethrow_exception(future.exception(seconds(20))), std::runtime_error);
  notification.join();
}

TEST_P(FutureCases, multiple_set_result) {
  const auto future = open(1).submit<echo>(1);
  const auto copy = future;
  EXPECT_EQ(future.get(), 1);
  EXPECT_EQ(&copy.get(), &future.get()) << "every handle sees one value, decoded once";
}

TEST_P(FutureCases, multiple_set_exception) {
  const auto future = open(1).submit<failing>(1);
  const auto ask = [&] { future.get(); };
  EXPECT_EQ(words_of<std::runtime_error>(ask), words_of<std::runtime_error>(ask));
}

}  // namespace
}  // namespace acre::test

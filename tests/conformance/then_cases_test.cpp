// mpi4py's cases of futures with then(), and CPython's of running futures.
#include <thread>

#include "conformance/conformance.hpp"

namespace acre::test {
namespace {

using ThenCases = Conformance;
using ThenCasesBeside = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, ThenCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, ThenCasesBeside, beside, backend);

const auto same = [](int value) { return value; };

TEST_P(ThenCasesBeside, running) {
  Executor& executor = open(1);
  const auto running = occupy(executor);
  const auto pending = executor.submit<echo>(1);
  EXPECT_TRUE(running[0].running() || session().nodes() > 1);
  EXPECT_FALSE(pending.running());
  shared(gate).set(1);
  EXPECT_EQ(pending.get(), 1);
  EXPECT_FALSE(pending.running());
  running[0].wait();
  EXPECT_FALSE(running[0].running());
}

TEST_P(ThenCasesBeside, not_done) {
  const auto base = open(1).submit<held>(1);
  const auto made = base.then(same);
  EXPECT_FALSE(base.done());
  EXPECT_FALSE(made.done());
  shared(gate).set(1);
  EXPECT_EQ(made.get(), 1);
}

TEST_P(ThenCasesBeside, cancel) {
  Executor& executor = open(1);
  const auto running = occupy(executor);
  auto base = executor.submit<echo>(1);
  const auto made = base.then(same);
  EXPECT_TRUE(take_back(base));
  EXPECT_THROW(made.get(), TaskCancelled);
  EXPECT_TRUE(base.cancelled());
}

TEST_P(ThenCases, then_multiple) {
  const auto base = open(1).submit<echo>(7);
  const std::vector made{base.then(same), base.then(same), base.then(same)};
  for (const auto& future : made) {
    EXPECT_EQ(future.get(), 7);
    EXPECT_EQ(future.exception(), nullptr);
  }
}

TEST_P(ThenCases, no_callbacks_and_success) { EXPECT_EQ(open(1).submit<echo>(7).then(same).get(), 7); }

TEST_P(ThenCases, no_callbacks_and_failure) {
  const auto made = open(1).submit<failing>(7).then(same);
  EXPECT_EQ(words_of<std::runtime_error>([&] { made.get(); }), "this is an exception: 7");
}

TEST_P(ThenCases, success_callback_and_success) {
  const auto made =
      open(1).submit<echo>(7).then([](int value) { return std::to_string(value) + " manipulated"; });
  EXPECT_EQ(made.get(), "7 manipulated");
}

TEST_P(ThenCases, success_callback_and_failure_raised) {
  const auto made =
      open(1).submit<echo>(7).then([](int) -> int { throw std::domain_error("sad repackaged"); });
  EXPECT_EQ(words_of<std::domain_error>([&] { made.get(); }), "sad repackaged");
}

TEST_P(ThenCases, failures_pass_by_callbacks) {
  const auto made = open(1).submit<failing>(7).then([](int value) {
    shared(called).add();
    return value;
  });
  EXPECT_THROW(made.get(), std::runtime_error);
  EXPECT_EQ(shared(called).get(), 0u);
}

TEST_P(ThenCases, chained_success_callback_and_success) {
  Future<int> last = open(1).submit<echo>(1);
  for (int i = 0; i < 4; ++i) last = last.then([](int value) { return value + 1; });
  EXPECT_EQ(last.get(), 5);
}

}  // namespace
}  // namespace acre::test

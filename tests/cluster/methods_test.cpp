// Start methods on every node of a run: the same bits as serially, and failures that tell their place.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "cluster/places.hpp"
#include "executor/exceptions.hpp"
#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"

namespace acre::test {
namespace {

class MethodsOnAllNodes : public testing::TestWithParam<StartMethod> {};
INSTANTIATE_TEST_SUITE_P(Cluster, MethodsOnAllNodes,
                         testing::Values(StartMethod::fork, StartMethod::spawn, StartMethod::threads));

// The first process on the way up that is not one of acre's own.
int own_agent() {
  pid_t process = ::getpid();
  while (name_of(process).starts_with("acre ")) process = parent_of(process);
  return process;
}

double walk(Context& context, Preloaded<double> start, std::uint64_t steps) {
  double sum = *start;
  for (std::uint64_t i = 0; i <= steps % 97; ++i)
    sum += context.random().normal() / static_cast<double>(i + 1);
  return sum;
}
double start_at(double value) { return value; }

std::vector<double> walks(Executor& executor) {
  std::vector<double> all;
  for (const double end : executor.map<walk>(CountUp(2000), {.stage = "walk"})) all.push_back(end);
  return all;
}

TEST_P(MethodsOnAllNodes, give_the_bits_of_a_serial_run) {
  const Hook preload = hook<start_at>(0.1);
  Executor serial = session().executor({.start = StartMethod::serial, .preload = preload, .seed = 5});
  EXPECT_EQ(serial.submit<own_agent>().get(), ::getpid()) << "on the root alone";
  Executor executor = session().executor({.workers = 2, .start = GetParam(), .preload = preload, .seed = 5});
  const auto answers = until_all_nodes_answer<int>(
      static_cast<std::size_t>(session().nodes()), [&] { return executor.submit<own_agent>(); },
      [](const Future<int>& future) { return future.get(); });
  std::set<int> agents;
  for (const auto& answer : answers) agents.insert(answer.get());
  EXPECT_EQ(agents.size(), static_cast<std::size_t>(session().nodes()));
  const std::vector<double> expected = walks(serial);
  ASSERT_EQ(expected.size(), 2000u);
  EXPECT_TRUE(walks(executor) == expected);
}

TEST_P(MethodsOnAllNodes, give_back_the_exceptions_that_were_thrown) {
  Executor executor = session().executor({.workers = 2, .start = GetParam()});
  until_all_nodes_answer<int>(
      static_cast<std::size_t>(session().nodes()),
      [&] { return executor.submit<throw_code_around_record>(); }, expect_code_around_record);
}

int fail_to_start(int) { throw std::runtime_error("no licence"); }
int nothing(Preloaded<int>) { return 0; }

TEST_P(MethodsOnAllNodes, tell_where_a_preload_failed) {
  Executor executor =
      session().executor({.workers = 1, .start = GetParam(), .preload = hook<fail_to_start>(1)});
  try {
    executor.submit<nothing>().get();
    ADD_FAILURE() << "it ran";
  } catch (const ExecutorBroken& error) {
    EXPECT_TRUE(error.message.starts_with("the preload failed: std::runtime_error: no licence (on host "))
        << error.message;
  }
}

}  // namespace
}  // namespace acre::test

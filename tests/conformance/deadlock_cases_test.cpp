// CPython's cases of deadlocks: errors, exits and crashes at every stage of a task, none of which may hang
// the pool. Loky's and mpi4py's cases of the same are here too.
#include <thread>

#include "conformance/conformance.hpp"

namespace acre::test {
namespace {

using DeadlockCases = Conformance;
using DeadlockCasesOfProcesses = Conformance;
INSTANTIATE_TEST_SUITE_P(Conformance, DeadlockCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, DeadlockCasesOfProcesses, in_processes, backend);

constexpr auto encoding = Where::encoding, decoding = Where::decoding;

template <Where where, What what>
int taking(const Trap<where, what>& trap) {
  return trap.value;
}
template <Where where, What what>
Trap<where, what> giving(int value) {
  return {value};
}

// The pool goes on whatever happened, and can be shut down.
void expect_usable(Executor& executor) {
  EXPECT_EQ(executor.submit<mul>(6, 7).get(seconds(30)), 42);
  executor.shutdown();
}

template <class Error, class T>
void expect_failure(Executor& executor, const Future<T>& future) {
  EXPECT_THROW(static_cast<void>(future.get(seconds(30))), Error);
  expect_usable(executor);
}

TEST_P(DeadlockCases, error_at_task_pickle) {
  Executor& executor = open();
  const auto submit = [&] { executor.submit<taking<encoding, What::error>>(Trap<encoding, What::error>{}); };
  EXPECT_EQ(words_of<std::runtime_error>(submit), "an error of the codec");
  expect_usable(executor);
}

TEST_P(DeadlockCases, error_at_task_unpickle) {
  Executor& executor = open();
  expect_failure<std::runtime_error>(
      executor, executor.submit<taking<decoding, What::error>>(Trap<decoding, What::error>{}));
}

TEST_P(DeadlockCasesOfProcesses, exit_at_task_unpickle) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor,
                             executor.submit<taking<decoding, What::exit>>(Trap<decoding, What::exit>{}));
}

TEST_P(DeadlockCasesOfProcesses, crash_at_task_unpickle) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor,
                             executor.submit<taking<decoding, What::crash>>(Trap<decoding, What::crash>{}));
}

int crash(int) { end_badly(What::crash); }
int leave(int status) { ::_exit(status); }

TEST_P(DeadlockCasesOfProcesses, crash_during_func_exec_on_worker) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor, executor.submit<crash>(1));
}

TEST_P(DeadlockCasesOfProcesses, exit_during_func_exec_on_worker) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor, executor.submit<leave>(1));
}

TEST_P(DeadlockCases, error_during_func_exec_on_worker) {
  Executor& executor = open();
  expect_failure<std::runtime_error>(executor, executor.submit<failing>(1));
}

TEST_P(DeadlockCasesOfProcesses, crash_during_result_pickle_on_worker) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor, executor.submit<giving<encoding, What::crash>>(1));
}

TEST_P(DeadlockCasesOfProcesses, exit_during_result_pickle_on_worker) {
  Executor& executor = open({.workers = 2, .retries = 0});
  expect_failure<WorkerLost>(executor, executor.submit<giving<encoding, What::exit>>(1));
}

TEST_P(DeadlockCases, error_during_result_pickle_on_worker) {
  Executor& executor = open();
  expect_failure<std::runtime_error>(executor, executor.submit<giving<encoding, What::error>>(1));
}

TEST_P(DeadlockCases, error_during_result_unpickle_in_result_handler) {
  Executor& executor = open();
  const auto future = executor.submit<giving<decoding, What::error>>(1);
  const std::string words = words_of<TaskError>([&] { static_cast<void>(future.get()); });
  EXPECT_NE(words.find("cannot be read back: an error of the codec"), std::string::npos) << words;
  expect_usable(executor);
}

TEST_P(DeadlockCases, exit_during_result_unpickle_in_result_handler) {
  Executor& executor = open();
  expect_failure<int>(executor, executor.submit<giving<decoding, What::odd>>(1));
}

int crash_at_gate(int x) { return crash(held(x)); }

TEST_P(DeadlockCasesOfProcesses, shutdown_deadlock) {
  Executor& executor = open({.workers = 2, .retries = 0});
  const auto future = executor.submit<crash_at_gate>(1);
  shared(started).await(1);
  std::thread opener([] { shared(gate).set(1); });
  executor.shutdown();
  opener.join();
  EXPECT_THROW(future.get(), WorkerLost);
}

TEST_P(DeadlockCases, shutdown_deadlock_pickle) {
  Executor& executor = open();
  EXPECT_EQ(executor.submit<echo>(42).get(), 42);
  EXPECT_THROW((executor.submit<taking<encoding, What::error>>(Trap<encoding, What::error>{})),
               std::runtime_error);
  executor.shutdown();
}

std::size_t crash_with(const std::vector<double>& data) {
  if (!data.empty()) end_badly(What::crash);
  return data.size();
}

TEST_P(DeadlockCasesOfProcesses, crash_big_data) {
  Executor& executor = open({.workers = 2, .retries = 0});
  std::vector<Future<std::size_t>> futures;
  for (int i = 0; i < 8; ++i) futures.push_back(executor.submit<crash_with>(std::vector<double>(100'000)));
  for (const auto& future : futures) EXPECT_THROW(future.get(), WorkerLost);
  expect_usable(executor);
}

TEST_P(DeadlockCases, gh105829_should_not_deadlock_if_wakeup_pipe_full) {
  Executor& executor = open();
  std::vector<Future<int>> futures;
  for (int i = 0; i < 5'000; ++i) futures.push_back(executor.submit<echo>(i));
  for (int i = 0; i < 5'000; ++i) ASSERT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
}

TEST_P(DeadlockCases, loky_shutdown_with_pickle_error) {
  for (int i = 0; i < 3; ++i) {
    Executor executor = make({.workers = 4});
    EXPECT_THROW((executor.submit<taking<encoding, What::error>>(Trap<encoding, What::error>{})),
                 std::runtime_error);
  }
}

TEST_P(DeadlockCases, loky_shutdown_with_sys_exit_at_pickle) {
  for (int i = 0; i < 3; ++i) {
    Executor executor = make({.workers = 4});
    EXPECT_THROW((executor.submit<taking<encoding, What::odd>>(Trap<encoding, What::odd>{})), int);
  }
}

Counted good_inout(const Counted& value) { return value; }

TEST_P(DeadlockCases, mpi4py_good_pickle) {
  Executor& executor = open(1);
  EXPECT_EQ(executor.submit<good_inout>(Counted(42)).get().value, 42);
  EXPECT_EQ(shared(living).get(), 0u);
}

TEST_P(DeadlockCases, mpi4py_bad_pickle) {
  Executor& executor = open(1);
  EXPECT_THROW((executor.submit<taking<encoding, What::error>>(Trap<encoding, What::error>{})),
               std::runtime_error);
  EXPECT_THROW(static_cast<void>(executor.submit<giving<encoding, What::error>>(1).get()),
               std::runtime_error);
  EXPECT_EQ(executor.submit<absolute>(-42).get(), 42);
}

TEST_P(DeadlockCases, mpi4py_bad_unpickle) {
  Executor& executor = open(1);
  EXPECT_THROW((executor.submit<taking<decoding, What::error>>(Trap<decoding, What::error>{}).get()),
               std::runtime_error);
  EXPECT_THROW(static_cast<void>(executor.submit<giving<decoding, What::error>>(1).get()), TaskError);
  EXPECT_EQ(executor.submit<absolute>(-42).get(), 42);
}

}  // namespace
}  // namespace acre::test

// Preload in the process that workers are forked from; contract/hooks_test.cpp has what all start methods do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "executor/refusals.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

pid_t build() {
  shared(0).add();
  return ::getpid();
}
pid_t builder_of(Preloaded<pid_t> builder) { return *builder; }
pid_t own_process() { return ::getpid(); }

class HooksOfFork : public testing::Test {
 protected:
  HooksOfFork() { reset_shared(); }
};

TEST_F(HooksOfFork, run_the_preload_in_the_process_that_workers_are_forked_from) {
  Executor executor = session().executor({.workers = 2, .preload = hook<build>()});
  EXPECT_EQ(executor.submit<builder_of>().get(), parent_of(executor.submit<own_process>().get()));
  EXPECT_EQ(shared(0).get(), 1u);
}

void crash() { ::abort(); }

TEST_F(HooksOfFork, a_preload_that_kills_its_process_fails_the_executor) {
  Executor executor = session().executor({.workers = 1, .preload = hook<crash>()});
  expect_broken(executor,
                "the process of the preload died 4 times; the last time it was killed by SIGABRT (Aborted), "
                "having used ");
}

void leave_a_thread() {
  std::thread([] { ::pause(); }).detach();
}

TEST_F(HooksOfFork, a_preload_that_leaves_a_thread_running_is_refused) {
  Executor executor = session().executor({.workers = 1, .preload = hook<leave_a_thread>()});
  expect_broken(executor,
                "the preload failed: it left threads running, beside which workers cannot be forked safely: "
                "join them before it returns");
}

}  // namespace
}  // namespace acre::test

// Preload in the process that workers are forked from; contract/hooks_test.cpp has what all start methods do.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

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
int one(int) { return 1; }

class HooksOfFork : public testing::Test {
 protected:
  HooksOfFork() { reset_shared(); }
};

TEST_F(HooksOfFork, run_the_preload_in_the_process_that_workers_are_forked_from) {
  Executor executor = session().executor({.workers = 2, .preload = hook<build>()});
  EXPECT_EQ(executor.submit<builder_of>().get(), parent_of(executor.submit<own_process>().get()));
  EXPECT_EQ(shared(0).get(), 1u);
}

void expect_broken(Executor& executor, const std::string& words) {
  std::vector<Future<int>> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(executor.submit<one>(i));
  for (const auto& future : futures) {
    try {
      future.get();
      ADD_FAILURE() << "it ran";
    } catch (const ExecutorBroken& error) {
      EXPECT_TRUE(error.message.starts_with(words)) << error.message;
      EXPECT_NE(error.message.find(" (on host "), std::string::npos) << error.message;
      EXPECT_TRUE(error.message.ends_with(", rank 0)")) << error.message;
    }
  }
  EXPECT_THROW(executor.submit<one>(1).get(), ExecutorBroken) << "also later";
  EXPECT_THROW(executor.map<one>({1, 2, 3}).begin(), ExecutorBroken);
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

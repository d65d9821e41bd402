// Workers and zygotes that are there and do nothing: stopped by a signal, or asleep for ever. All at once, as
// it takes seconds to be sure of each.
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <future>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "executor/ends.hpp"
#include "executor/own_rings.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience_with_stopped(5), patience_with_hung(10), late(4);

int attempt_of(Context& context, int) { return context.attempt(); }
pid_t own_process() { return ::getpid(); }
pid_t own_zygote() { return ::getppid(); }
void stop() { take_way(way("stop")); }

void expect_attempt_1(Executor& executor) {
  std::vector<Future<int>> futures;
  for (int i = 0; i < 20; ++i) futures.push_back(executor.submit<attempt_of>(i));
  for (const auto& future : futures) EXPECT_EQ(future.get(), 1);
}

template <class Error>
void expect_end(const Future<Fuse>& future, const std::string& pattern) {
  try {
    future.get();
    ADD_FAILURE() << "it ended well";
  } catch (const Error& error) {
    EXPECT_TRUE(std::regex_match(error.message, std::regex(pattern))) << error.message;
  }
}

const std::string stopped = "was stopped by a signal, and killed by acre when it did not go on";
const std::string left = having_written(farewell);

void in_tasks() {
  Executor executor = session().executor({.workers = 4, .retries = 0});
  std::vector<Future<Fuse>> futures;
  for (const When when : {When::decoding, When::running, When::encoding})
    futures.push_back(executor.submit<burn>(Fuse{way("stop"), when}));
  expect_waves(executor, 300);
  for (const When when : {When::decoding, When::running, When::encoding}) {
    const auto& future = futures[static_cast<std::size_t>(when)];
    expect_end<WorkerLost>(future, "its worker \\(process [0-9]+\\) " + stopped + deed_of(when) + left);
    EXPECT_THROW(
        try { future.get(); } catch (const WorkerLost& error) {
          EXPECT_EQ(error.signal, SIGKILL);
          EXPECT_EQ(error.attempt, 1);
          EXPECT_EQ(error.last_words, farewell);
          throw;
        },
        WorkerLost);
  }
  expect_waves(executor, 20);
}

void between_tasks() {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const pid_t worker = executor.submit<own_process>().get();
  ::kill(worker, SIGSTOP);
  expect_attempt_1(executor);
  EXPECT_NE(executor.submit<own_process>().get(), worker);
}

void for_a_while() {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const pid_t worker = executor.submit<own_process>().get();
  ::kill(worker, SIGSTOP);
  const auto future = executor.submit<own_process>();
  EXPECT_FALSE(future.wait(patience_with_stopped - seconds(2)));
  ::kill(worker, SIGCONT);
  EXPECT_EQ(future.get(), worker) << "it goes on, and nobody has ended it";
}

void zygote_from_outside() {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const pid_t zygote = executor.submit<own_zygote>().get();
  ::kill(zygote, SIGSTOP);
  EXPECT_TRUE(await_ends({zygote}, patience_with_stopped + late));
  expect_attempt_1(executor);
}

void initializers() {
  Executor executor = session().executor({.workers = 2, .initializer = hook<stop>()});
  expect_end<ExecutorBroken>(
      executor.submit<burn>(Fuse{}),
      "workers die before they can take tasks; the last one " + stopped + left + " \\(on host .*\\)");
}

void preloads() {
  Executor executor = session().executor({.workers = 1, .preload = hook<stop>()});
  expect_end<ExecutorBroken>(
      executor.submit<burn>(Fuse{}),
      "the process of the preload died 4 times; the last time it " + stopped + left + " \\(on host .*\\)");
}

// What a task leaves behind takes away the mark that its worker sleeps, without which nobody rings for it.
int leave_a_scribbler(int) {
  std::thread([page = OwnRings::find().page] {
    for (;; ::usleep(10)) page->worker.sleepers.store(0);
  }).detach();
  return 0;
}

void woken_though_its_mark_is_gone() {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  executor.submit<leave_a_scribbler>(0).get();
  const pid_t worker = executor.submit<own_process>().get();
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(milliseconds(100));  // by then it sleeps; if not, there is nothing to see
    expect_attempt_1(executor);
  }
  EXPECT_EQ(executor.submit<own_process>().get(), worker);
}

// What a task leaves behind keeps the worker's own thread from going on, once it waits for another task.
int leave_a_trap(int) {
  ::signal(SIGRTMIN, [](int) {
    for (;;) ::pause();
  });
  std::thread([page = OwnRings::find().page, worker = ::pthread_self()] {
    while (page->stage.load() != static_cast<std::uint32_t>(task::Stage::idle)) continue;
    ::usleep(10'000);
    ::pthread_kill(worker, SIGRTMIN);
  }).detach();
  return static_cast<int>(::getpid());
}

void hung_between_tasks() {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const pid_t worker = executor.submit<leave_a_trap>(0).get();
  std::this_thread::sleep_for(milliseconds(100));
  const Instant begin = now();
  expect_attempt_1(executor);
  EXPECT_GE(now() - begin, patience_with_hung - seconds(2));
  EXPECT_NE(executor.submit<own_process>().get(), worker);
}

TEST(Hangs, are_found_and_ended) {
  std::vector<std::future<void>> all;
  for (void (*scene)() : {in_tasks, between_tasks, for_a_while, zygote_from_outside, initializers, preloads,
                          woken_though_its_mark_is_gone, hung_between_tasks})
    all.push_back(std::async(std::launch::async, scene));
  for (auto& scene : all) EXPECT_NO_THROW(scene.get());
}

}  // namespace
}  // namespace acre::test

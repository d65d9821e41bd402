// The processes behind tasks, and their deaths: one attempt each, never the pool.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

class Workers : public testing::Test {
 protected:
  Workers() { reset_shared(); }
};

pid_t own_process() { return ::getpid(); }

TEST_F(Workers, of_tasks_descend_from_the_preloaded_zygote_the_zygote_and_this_process) {
  Executor executor = session().executor({.workers = 2});
  std::set<pid_t> preloaded;
  std::vector<Future<pid_t>> futures;
  for (int i = 0; i < 20; ++i) futures.push_back(executor.submit<own_process>());
  for (const auto& future : futures) {
    const pid_t worker = future.get();
    EXPECT_TRUE(name_of(worker).starts_with("acre worker ")) << name_of(worker);
    preloaded.insert(parent_of(worker));
  }
  ASSERT_EQ(preloaded.size(), 1u);
  EXPECT_EQ(name_of(*preloaded.begin()), "acre preloaded");
  const pid_t zygote = parent_of(*preloaded.begin());
  EXPECT_EQ(name_of(zygote), "acre zygote");
  EXPECT_EQ(parent_of(zygote), ::getpid());
}

enum class Death { kill, segv, exit, abort, terminate };

void die(Death death) {
  ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would catch it
  switch (death) {
    case Death::kill:
      ::kill(::getpid(), SIGKILL);
      break;
    case Death::segv:
      ::raise(SIGSEGV);
      break;
    case Death::exit:
      ::_exit(3);
    case Death::abort:
      std::abort();
    case Death::terminate:
      std::terminate();
  }
}

int die_at_first(Context& context, Death death) {
  if (context.attempt() == 1) die(death);
  return context.attempt();
}
int die_always(Context&, Death death) {
  shared(3).add();
  die(death);
  return 0;
}
int attempt_of(Context& context, int) { return context.attempt(); }

TEST_F(Workers, that_die_cost_one_attempt_however_they_die) {
  Executor executor = session().executor({.workers = 1, .retries = 1});
  for (const Death death : {Death::kill, Death::segv, Death::exit, Death::abort, Death::terminate})
    EXPECT_EQ(executor.submit<die_at_first>(death).get(), 2);
  EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1);
}

void expect_lost(Executor& executor, Death death, int attempts, const std::string& how) {
  shared(3).set(0);
  const auto future = executor.submit<die_always>(death);
  try {
    future.get();
    ADD_FAILURE() << "it ended";
  } catch (const WorkerLost& error) {
    EXPECT_EQ(error.task, future.index());
    EXPECT_EQ(error.attempt, attempts);
    EXPECT_EQ(error.worker, 0);
    EXPECT_FALSE(error.host.empty());
    EXPECT_TRUE(error.message.starts_with("its worker (process ")) << error.message;
    EXPECT_NE(error.message.find(") " + how + ", having used "), std::string::npos) << error.message;
    EXPECT_NE(std::string(error.what()).find("attempt " + std::to_string(attempts) + ", worker 0 on "),
              std::string::npos);
  }
  EXPECT_EQ(shared(3).get(), static_cast<std::uint32_t>(attempts));
}

TEST_F(Workers, that_die_on_every_attempt_are_told_of_in_the_future) {
  Executor executor = session().executor({.workers = 1, .retries = 2});
  expect_lost(executor, Death::kill, 3, "was killed by SIGKILL (Killed)");
  expect_lost(executor, Death::segv, 3, "was killed by SIGSEGV (Segmentation fault)");
  expect_lost(executor, Death::exit, 3, "exited with status 3");
  expect_lost(executor, Death::abort, 3, "was killed by SIGABRT (Aborted)");
  Executor strict = session().executor({.workers = 1, .retries = 0});
  expect_lost(strict, Death::kill, 1, "was killed by SIGKILL (Killed)");
}

TEST_F(Workers, that_die_do_not_charge_the_tasks_queued_behind) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  std::vector<Future<int>> deadly, behind;
  for (int i = 0; i < 5; ++i) {
    deadly.push_back(executor.submit<die_always>(Death::kill));
    for (int j = 0; j < 20; ++j) behind.push_back(executor.submit<attempt_of>(j));
  }
  for (const auto& future : behind) EXPECT_EQ(future.get(), 1);
  for (const auto& future : deadly) EXPECT_THROW(future.get(), WorkerLost);
}

int gated(Context& context, int) {
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  shared(0).await(1);
  return context.attempt();
}

TEST_F(Workers, killed_from_outside_while_they_run_cost_one_attempt) {
  Executor executor = session().executor({.workers = 1, .retries = 1});
  const auto future = executor.submit<gated>(0);
  std::thread waiter([&] { EXPECT_EQ(future.get(), 2); });
  shared(1).await(1);
  kill_process(static_cast<pid_t>(shared(2).get()));
  shared(1).await(2);
  shared(0).add();
  waiter.join();
}

TEST_F(Workers, killed_while_they_are_idle_are_replaced) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  std::set<pid_t> seen;
  for (int i = 0; i < 5; ++i) {
    const pid_t worker = executor.submit<own_process>().get();
    EXPECT_TRUE(seen.insert(worker).second);
    const EndWatch watch(worker);
    kill_process(worker);
    EXPECT_TRUE(watch.await(now() + std::chrono::seconds(5)));
    EXPECT_EQ(executor.submit<attempt_of>(0).get(), 1);
  }
}

TEST_F(Workers, are_as_many_as_asked_for_and_one_spare) {
  Executor executor = session().executor({.workers = 3, .retries = 10});
  EXPECT_EQ(executor.workers(), 3u);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(executor.submit<die_at_first>(Death::exit).get(), 2);
  std::vector<Future<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(executor.submit<gated>(i));
  std::thread waiter([&] {
    for (const auto& future : futures) future.wait();
  });
  shared(1).await(3);
  const pid_t preloaded = parent_of(static_cast<pid_t>(shared(2).get()));
  const Instant deadline = now() + std::chrono::seconds(5);
  while (children_of(preloaded).size() < 4 && now() < deadline) std::this_thread::yield();
  EXPECT_EQ(children_of(preloaded).size(), 4u);
  shared(0).add();
  waiter.join();
}

struct Where {
  pid_t process = 0;
  int attempt = 0;
};
ACRE_RECORD(Where, process, attempt)

Where die_now_and_then(Context& context, std::uint64_t item) {
  if (item % 50 == 25 && context.attempt() == 1) die(item % 100 == 25 ? Death::kill : Death::exit);
  return {::getpid(), context.attempt()};
}

TEST_F(Workers, that_die_in_a_map_lose_no_result) {
  Executor executor = session().executor({.workers = 2});
  std::uint64_t item = 0;
  std::set<pid_t> processes;
  for (const Where& where : executor.map<die_now_and_then>(CountUp(2000))) {
    EXPECT_EQ(where.attempt, item % 50 == 25 ? 2 : 1) << item;
    processes.insert(where.process);
    ++item;
  }
  EXPECT_EQ(item, 2000u);
  EXPECT_GE(processes.size(), 20u);
}

pid_t process_of(std::uint64_t) { return ::getpid(); }

TEST_F(Workers, that_run_many_quick_tasks_are_believed_and_stay) {
  Executor executor = session().executor({.workers = 1});
  std::set<pid_t> processes;
  for (const pid_t process : executor.map<process_of>(CountUp(100'000))) processes.insert(process);
  EXPECT_EQ(processes.size(), 1u);
}

std::string large_then_die(Context& context, const std::string& text) {
  if (context.attempt() == 1) die(Death::kill);
  return text + text;
}

TEST_F(Workers, that_die_over_large_arguments_lose_nothing) {
  Executor executor = session().executor({.workers = 2});
  std::vector<Future<std::string>> futures;
  for (std::size_t i = 0; i < 20; ++i)
    futures.push_back(executor.submit<large_then_die>(std::string(200'000 + i, 'z')));
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(futures[i].get(), std::string(400'000 + 2 * i, 'z'));
}

// The zygote that died is replaced, its preload repeated, and no task is to blame; three times.
int preload() {
  shared(4).add();
  return 7;
}
int with_preload(Context& context, Preloaded<int> value, int) {
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  shared(0).await(1);
  return 10 * *value + context.attempt();
}

TEST_F(Workers, survive_the_death_of_their_zygote_three_times) {
  Executor executor = session().executor({.workers = 1, .preload = hook<preload>(), .retries = 0});
  for (std::uint32_t death = 1; death <= 3; ++death) {
    shared(0).set(0);
    shared(1).set(0);
    std::vector<Future<int>> futures;
    for (int i = 0; i < 10; ++i) futures.push_back(executor.submit<with_preload>(i));
    std::thread waiter([&] { futures[0].wait(); });
    shared(1).await(1);
    const pid_t worker = static_cast<pid_t>(shared(2).get());
    kill_process(parent_of(worker));
    shared(1).await(2);
    shared(0).add();
    waiter.join();
    for (const auto& future : futures) EXPECT_EQ(future.get(), 71);
    EXPECT_EQ(shared(4).get(), death + 1);
  }
  const pid_t worker = executor.submit<own_process>().get();
  kill_process(parent_of(worker));
  EXPECT_TRUE(await_ends({worker}, std::chrono::seconds(5)));
  try {
    executor.submit<attempt_of>(0).get();
    ADD_FAILURE() << "it ran";
  } catch (const ExecutorBroken& error) {
    EXPECT_TRUE(error.message.starts_with("the process that holds the preload died 4 times"))
        << error.message;
  }
  EXPECT_EQ(shared(4).get(), 4u);
}

std::pair<pid_t, std::vector<double>> bounced(std::vector<double> numbers) {
  numbers.front() += 1;
  return {::getpid(), std::move(numbers)};
}

bool await_memory_below(pid_t process, long kib) {
  const Instant deadline = now() + std::chrono::seconds(20);
  while (status_number(process, "RssAnon") + status_number(process, "RssShmem") > kib) {
    if (now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

std::vector<double> filled(int value) { return std::vector<double>(std::size_t{1} << 17, value); }

// Over all memory for large messages that this process can write; returns how many blocks that is.
int scribble_over_blocks() {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (line.find("acre-block") == std::string::npos || line.find(" rw-s ") == std::string::npos) continue;
    if (std::sscanf(line.c_str(), "%lx-%lx", &begin, &end) != 2) return -1;
    std::memset(reinterpret_cast<void*>(begin), 'x', end - begin);
    ++count;
  }
  return count;
}

TEST_F(Workers, cannot_change_what_they_have_returned) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  std::vector<Future<std::vector<double>>> futures;
  for (int i = 0; i < 20; ++i) {
    futures.push_back(executor.submit<filled>(i));
    futures.back().wait();
  }
  EXPECT_EQ(futures[0].get(), filled(0));
  EXPECT_EQ(executor.submit<scribble_over_blocks>().get(), 2)
      << "the first one's block is its worker's again, and the one that the others were copied from";
  for (int i = 1; i < 20; ++i) EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), filled(i));
}

// What is kept for the next large message, in the worker and here, goes back if none comes.
TEST_F(Workers, and_this_process_keep_no_memory_of_large_messages_for_long) {
  Executor executor = session().executor({.workers = 1});
  constexpr std::size_t count = std::size_t{9} << 19;  // beyond what malloc keeps by itself
  constexpr long kib = static_cast<long>(count * sizeof(double) / 1024);
  const long before_anon = status_number(::getpid(), "RssAnon");
  const long before = before_anon + status_number(::getpid(), "RssShmem");
  pid_t worker = -1;
  for (int i = 0; i < 2; ++i) {
    const auto [process, numbers] = executor.submit<bounced>(std::vector<double>(count, i)).get();
    worker = process;
    ASSERT_EQ(numbers.size(), count);
    EXPECT_EQ(numbers.front(), i + 1);
    EXPECT_EQ(numbers.back(), i);
  }
  EXPECT_GT(status_number(::getpid(), "RssAnon"), before_anon + kib / 2)
      << "malloc keeps the last for the next";
  EXPECT_TRUE(await_memory_below(worker, kib / 2)) << status_number(worker, "VmRSS") << " KiB";
  EXPECT_TRUE(await_memory_below(::getpid(), before + kib / 2))
      << status_number(::getpid(), "VmRSS") << " KiB";
}

}  // namespace
}  // namespace acre::test

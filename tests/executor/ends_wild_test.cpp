// Tasks that do to their worker what does not end it at once: memory, descriptors, children, threads,
// signals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "executor/ends.hpp"
#include "executor/own_rings.hpp"
#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

class Wild : public testing::Test {
 protected:
  Wild() { reset_shared(); }
};

pid_t own_process() { return ::getpid(); }
pid_t own_zygote() { return ::getppid(); }

// Memory that the system refuses is an ordinary exception, wherever it is asked for.
struct Glutton {
  When when = When::never;

  void eat(When now) const {
    if (now != when || ::getpid() == home()) return;
    const std::size_t room = std::size_t{64} << 20;
    const rlimit limit{static_cast<rlim_t>(status_number(::getpid(), "VmSize")) * 1024 + room, RLIM_INFINITY};
    ::setrlimit(RLIMIT_AS, &limit);
    std::vector<std::unique_ptr<std::vector<char>>> all;
    for (;;) all.push_back(std::make_unique<std::vector<char>>(std::size_t{1} << 20));
  }
  template <class Archive>
  void serialize(Archive& archive) {
    if (typename Archive::is_saving()) eat(When::encoding);
    archive(when);
    if (typename Archive::is_loading()) eat(When::decoding);
  }
};
Glutton eat(const Glutton& glutton) {
  glutton.eat(When::running);
  return glutton;
}

TEST_F(Wild, memory_beyond_what_the_system_grants_is_the_tasks_own_failure) {
  Executor executor = session().executor({.workers = 2, .retries = 0});
  for (const When when : {When::decoding, When::running, When::encoding}) {
    SCOPED_TRACE(name_of(when));
    const auto future = executor.submit<eat>(Glutton{when});
    expect_waves(executor, 100);
    try {
      future.get();
      ADD_FAILURE() << "it ended well";
    } catch (const Thrown<std::bad_alloc>& error) {
      EXPECT_EQ(error.type, "std::bad_alloc");
      EXPECT_EQ(error.task, future.index());
      EXPECT_EQ(error.signal, 0) << error.what();
    }
  }
  expect_waves(executor, 100);
}

int close_all(Context& context, std::uint64_t item) {
  if (item % 40 == 20) ::closefrom(3);
  return context.attempt();
}

TEST_F(Wild, closing_all_descriptors_costs_no_attempt) {
  Executor executor = session().executor({.workers = 2, .retries = 0});
  std::uint64_t item = 0;
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(executor.submit<close_all>(std::uint64_t{20}).get(), 1);
  for (const int attempt : executor.map<close_all>(CountUp(400))) EXPECT_EQ(attempt, 1) << item++;
  executor.shutdown();
  const std::string words = testing::internal::GetCapturedStderr();
  const std::size_t told = words.find(" was replaced: a task closed descriptors that it had not opened ");
  EXPECT_NE(told, std::string::npos) << words;
  EXPECT_EQ(std::count(words.begin(), words.end(), '\n'), 1) << "told once: " << words;
}

std::string close_all_and_answer_at_length(std::size_t length) {
  ::closefrom(3);
  return std::string(length, 'x');
}

TEST_F(Wild, closing_the_way_of_a_large_result_is_told_in_words) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  try {
    executor.submit<close_all_and_answer_at_length>(std::size_t{1} << 20).get();
    ADD_FAILURE() << "it ended well";
  } catch (const WorkerLost& error) {
    EXPECT_NE(error.message.find(" while it handed over the result"), std::string::npos) << error.message;
    EXPECT_NE(error.last_words.find("closed descriptors"), std::string::npos) << error.last_words;
  }
  expect_waves(executor, 100);
}

int fork_and_return() {
  const pid_t child = ::fork();
  if (child == 0) return 99;
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
Fuse fork_at(const Fuse& fuse) {
  if (::getpid() != home()) shared(1).set(static_cast<std::uint32_t>(fork_and_return()));
  return fuse;
}

TEST_F(Wild, a_forked_child_that_returns_from_the_task_ends_there_without_harm) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(executor.submit<fork_and_return>().get(), 0);
  executor.submit<fork_at>(Fuse{}).get();
  EXPECT_EQ(shared(1).get(), 0u);
  expect_waves(executor, 100);
}

std::string fork_and_answer_at_length(std::size_t length) {
  const pid_t child = ::fork();
  if (child > 0) ::waitpid(child, nullptr, 0);
  return std::string(length, child > 0 ? 'p' : 'c');
}
int fork_and_throw() {
  const pid_t child = ::fork();
  if (child == 0) throw std::runtime_error("thrown by the child");
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(Wild, a_forked_child_that_answers_or_throws_is_not_heard) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const std::size_t length = std::size_t{1} << 20;
  EXPECT_EQ(executor.submit<fork_and_answer_at_length>(length).get(), std::string(length, 'p'));
  EXPECT_EQ(executor.submit<fork_and_throw>().get(), 0);
  expect_waves(executor, 100);
}

// Leaves two children that live on in a session of their own: one of the worker, and one whose parent has
// ended.
pid_t leave_children(Context& context, bool die) {
  if (::fork() == 0) {
    ::setsid();
    const pid_t between = ::fork();
    if (between == 0 && ::fork() != 0) ::_exit(0);
    shared(between == 0 ? 2 : 3).set(static_cast<std::uint32_t>(::getpid()));
    shared(1).add();
    for (;;) ::pause();
  }
  if (context.attempt() > 1) return ::getpid();
  shared(1).await(2);
  if (die) ::raise(SIGKILL);
  return ::getpid();
}
std::vector<pid_t> left_children() {
  return {static_cast<pid_t>(shared(2).get()), static_cast<pid_t>(shared(3).get())};
}

TEST_F(Wild, children_that_live_on_do_so_as_long_as_their_worker) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const pid_t worker = executor.submit<leave_children>(false).get();
  expect_waves(executor, 100);
  EXPECT_FALSE(await_ends(left_children(), milliseconds(50)));
  kill_process(worker);
  EXPECT_TRUE(await_ends(left_children(), seconds(1)));
  expect_waves(executor, 100);
}

TEST_F(Wild, children_of_a_task_that_ends_its_worker_are_gone_while_the_run_goes_on) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  EXPECT_THROW(executor.submit<leave_children>(true).get(), WorkerLost);
  EXPECT_TRUE(await_ends(left_children(), seconds(1)));
  expect_waves(executor, 100);
}

int leave_a_thread(int) {
  std::thread([] {
    for (volatile std::uint64_t i = 0;;) i = i + 1;
  }).detach();
  return 0;
}

TEST_F(Wild, threads_left_running_change_no_result_and_keep_no_worker) {
  Executor executor = session().executor({.workers = 2, .retries = 0, .tasks_per_worker = 100});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(executor.submit<leave_a_thread>(0).get(), 0);
  const pid_t zygote = executor.submit<own_zygote>().get();
  const std::vector<pid_t> workers = children_of(zygote);
  expect_waves(executor, 500);
  executor.shutdown();
  EXPECT_TRUE(await_ends(workers, seconds(1)));
}

// Signals that launchers and people send to whole groups.
int sleep_and_tell(Context& context, int) {
  shared(2).set(static_cast<std::uint32_t>(::getpid()));
  shared(1).add();
  timespec left{0, 300'000'000};
  const int slept = ::nanosleep(&left, nullptr);
  return slept == 0 ? context.attempt() : -1;
}

TEST_F(Wild, signals_to_all_processes_neither_end_nor_wake_a_task) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  const auto future = executor.submit<sleep_and_tell>(0);
  shared(1).await(1);
  const pid_t worker = static_cast<pid_t>(shared(2).get());
  ASSERT_EQ(parent_of(parent_of(parent_of(worker))), ::getpid());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
    for (const pid_t process : {worker, parent_of(worker), parent_of(parent_of(worker))})
      ::kill(process, signal);
  EXPECT_EQ(future.get(), 1);
  EXPECT_EQ(executor.submit<own_process>().get(), worker);
}

// Root can reopen what is mapped; for others there is no way to its descriptor at all.
int resize_shared_memory() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/memfd:acre-channel") == std::string::npos) continue;
    const int fd = ::open(("/proc/self/map_files/" + line.substr(0, line.find(' '))).c_str(), O_RDWR);
    if (fd < 0) return 0;
    for (const off_t size : {0, 4096, 1 << 30})
      if (::ftruncate(fd, size) == 0 || errno != EPERM) return -1;
    ::close(fd);
    return 1;
  }
  return -2;
}

TEST_F(Wild, shared_memory_keeps_its_size) {
  Executor executor = session().executor({.workers = 1, .retries = 0});
  EXPECT_GE(executor.submit<resize_shared_memory>().get(), 0);
  expect_waves(executor, 100);
}

// A thread that kills the process while the result is handed over.
std::string die_over_the_result(Context& context, std::size_t length) {
  if (context.attempt() == 1)
    std::thread([page = OwnRings::find().page] {
      while (page->stage.load() != static_cast<std::uint32_t>(task::Stage::answering)) continue;
      ::kill(::getpid(), SIGKILL);
    }).detach();
  return std::string(length, 'x');
}

TEST_F(Wild, deaths_over_a_result_larger_than_the_ring_cost_an_attempt_or_nothing) {
  Executor executor = session().executor({.workers = 1, .retries = 1});
  Executor strict = session().executor({.workers = 1, .retries = 0});
  constexpr std::size_t length = std::size_t{32} << 20;
  EXPECT_EQ(executor.submit<die_over_the_result>(length).get(), std::string(length, 'x'));
  int deaths = 0;
  for (int i = 0; i < 5 || (i < 50 && deaths == 0); ++i) {  // that thread comes too late if cores are busy
    try {
      EXPECT_EQ(strict.submit<die_over_the_result>(length).get(), std::string(length, 'x'));
    } catch (const WorkerLost& error) {
      ++deaths;
      EXPECT_EQ(error.signal, SIGKILL);
      EXPECT_NE(error.message.find("(Killed) while it handed over the result"), std::string::npos)
          << error.message;
    }
  }
  EXPECT_GE(deaths, 1);
  expect_waves(strict, 100);
}

// Large results while workers are killed from outside at any moment.
std::string at_length(std::uint64_t item) {
  return std::string(200'000 + 30'000 * (item % 50), static_cast<char>('a' + item % 26));
}

TEST_F(Wild, kills_from_outside_lose_and_double_no_large_result) {
  Executor executor = session().executor({.workers = 2, .retries = 1000});
  const pid_t zygote = executor.submit<own_zygote>().get();
  std::atomic<bool> done = false;
  std::atomic<int> kills = 0;
  std::thread killer([&] {
    while (!done) {
      for (const pid_t child : children_of(zygote))
        if (name_of(child).starts_with("acre worker")) ::kill(child, SIGKILL), ++kills;
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  std::uint64_t item = 0;
  for (const std::string& text : executor.map<at_length>(CountUp(500))) {
    EXPECT_TRUE(text == at_length(item)) << item;
    ++item;
  }
  done = true;
  killer.join();
  EXPECT_EQ(item, 500u);
  EXPECT_GE(kills, 10);
}

}  // namespace
}  // namespace acre::test

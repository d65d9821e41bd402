// A program whose tasks end their workers or flood their output, watched from outside: ends_scenarios <name>.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

void say_going() {
  std::puts("going");
  std::fflush(stdout);
}

// Lines of 100 bytes, all different.
int flood(int task, int lines) {
  for (int i = 0; i < lines; ++i) {
    std::printf("%010d%089d\n", task, i);
    std::fprintf(stderr, "%010d%089d\n", task, i);
  }
  return lines;
}
int flood_one(std::uint64_t task) { return flood(static_cast<int>(task), 10'000); }

int flooding(Session& session) {
  Executor executor = session.executor({.workers = 2});
  int lines = 0;
  for (const int written : executor.map<flood_one>(CountUp(100))) lines += written;
  return lines == 1'000'000 ? 0 : 1;
}

// Every second task ends its worker once, another way each time, with children left behind.
std::uint64_t die_often(Context& context, std::uint64_t item) {
  if (item % 2 == 0 || context.attempt() > 1) return item;
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0)
      for (;;) ::pause();
    ::_exit(0);
  }
  if (item % 4 == 1) ::_exit(1);
  ::raise(SIGKILL);
  return 0;
}

int dying(Session& session) {
  Executor executor = session.executor({.workers = 2, .retries = 5});
  say_going();
  std::uint64_t item = 0;
  for (const std::uint64_t result : executor.map<die_often>(CountUp(1000)))
    if (result != item++) return 1;
  return item == 1000 ? 0 : 1;
}

// How long a task sleeps, in its own account.
int sleep_for_a_second(int) {
  shared(1).add();
  timespec left{1, 0};
  return ::nanosleep(&left, nullptr);
}

int sleeping(Session& session) {
  Executor executor = session.executor({.workers = 2, .retries = 0});
  std::vector<Future<int>> futures;
  for (int i = 0; i < 6; ++i) futures.push_back(executor.submit<sleep_for_a_second>(i));
  std::thread([first = futures[0]] { first.wait(); }).detach();
  shared(1).await(2);
  say_going();
  for (const auto& future : futures) {
    future.wait();
    if (future.exception() == nullptr) std::printf("slept %d\n", future.get());
  }
  for (const auto& future : futures) future.get();  // throws if the run was ended before
  return 0;
}

// Leaves two processes that try to get away, as a preload that runs for ever.
int preload_for_ever() {
  if (::fork() == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
    shared(1).add();
    for (;;) ::pause();
  }
  shared(1).await(1);
  shared(2).add();
  for (;;) ::pause();
}
int nothing(Preloaded<int>, int) { return 0; }

int preloading(Session& session) {
  Executor executor = session.executor({.workers = 2, .preload = hook<preload_for_ever>()});
  const auto future = executor.submit<nothing>(0);
  shared(2).await(1);
  say_going();
  return future.get();
}

// What a program that a task starts has open.
std::string list_open_files(int) {
  std::string text;
  FILE* const ls = ::popen("ls -l /proc/self/fd", "r");
  std::array<char, 4096> some{};
  while (std::fgets(some.data(), static_cast<int>(some.size()), ls) != nullptr) text += some.data();
  ::pclose(ls);
  return text;
}

int listing(Session& session) {
  Executor executor = session.executor({.workers = 2});
  std::fputs(executor.submit<list_open_files>(0).get().c_str(), stdout);
  return 0;
}

int large_results(Session& session) {
  Executor executor = session.executor({.workers = 2});
  say_going();
  const auto large = [](std::uint64_t item) {
    return std::string(1'000'000, static_cast<char>('a' + item % 26));
  };
  std::uint64_t bytes = 0;
  for (const std::string& text : executor.map<large>(CountUp())) bytes += text.size();
  return bytes > 0 ? 0 : 1;
}

const std::map<std::string, std::function<int(Session&)>> scenarios{
    {"flooding", flooding},     {"dying", dying},     {"sleeping", sleeping},
    {"preloading", preloading}, {"listing", listing}, {"large_results", large_results},
};

}  // namespace
}  // namespace acre::test

int main(int argc, char** argv) {
  return acre::run(argc, argv,
                   [&](acre::Session& session) { return acre::test::scenarios.at(argv[1])(session); });
}

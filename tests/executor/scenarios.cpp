// A program that plays one scenario of a run, for tests that watch it from outside: scenarios <name>.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "executor/ranges.hpp"
#include "support/processes.hpp"
#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
namespace {

std::uint64_t square(std::uint64_t x) { return x * x; }

// Leaves two processes that try to get away: one in a session of its own, one whose parent has ended as well.
void leave_daemons() {
  if (::fork() != 0) return;
  ::setsid();
  ::fork();
  if (::fork() == 0) shared(1).add();
  for (;;) ::pause();
}

int leave_daemons_and_stay(int) {
  leave_daemons();
  for (;;) ::pause();
}
int leave_daemons_and_end(int) {
  leave_daemons();
  return 0;
}

// Starts tasks that never end, and waits until they have left their daemons.
Future<int> get_going(Executor& executor) {
  auto future = executor.submit<leave_daemons_and_stay>(0);
  for (std::uint32_t i = 1; i < executor.workers(); ++i) executor.submit<leave_daemons_and_stay>(1);
  std::thread([future] { future.wait(); }).detach();
  shared(1).await(2 * executor.workers());
  std::puts("going");
  std::fflush(stdout);
  return future;
}

long peak_memory_kb() { return status_number(::getpid(), "VmHWM"); }

int infinite(Session& session) {
  Executor executor = session.executor({.workers = 2});
  int left = 10;
  for (const std::uint64_t value : executor.map<square>(CountUp())) {
    static_cast<void>(value);
    if (--left == 0) break;
  }
  std::printf("%ld\n", peak_memory_kb());
  return 0;
}

int million(Session& session) {
  Executor executor = session.executor({.workers = 2});
  std::uint64_t sum = 0;
  for (const std::uint64_t value : executor.map<square>(CountUp(1'000'000))) sum += value;
  std::printf("%ld %llu\n", peak_memory_kb(), static_cast<unsigned long long>(sum));
  return 0;
}

std::uint64_t die_once_at_45(Context& context, std::uint64_t item) {
  if (item == 45 && context.attempt() == 1) ::raise(SIGKILL);
  return item;
}

// A map in chunks of seven, its results in order and complete or else a failure.
template <auto F>
int in_sevens(Session& session) {
  Executor executor = session.executor({.workers = 1, .retries = 1});
  std::uint64_t expected = 0;
  for (const std::uint64_t item : executor.map<F>(CountUp(100), {.chunk = 7}))
    if (item != expected++) return 1;
  return expected == 100 ? 0 : 1;
}
std::uint64_t itself(std::uint64_t item) { return item; }

int end_normally(Session& session) {
  Executor executor = session.executor({.workers = 2});
  executor.submit<leave_daemons_and_end>(0).get();
  executor.submit<leave_daemons_and_end>(0).get();
  shared(1).await(4);
  return 7;
}

int end_by_exception(Session& session) {
  Executor executor = session.executor({.workers = 2});
  get_going(executor);
  throw std::runtime_error("the program has had enough");
}

int end_by_exit(Session& session) {
  Executor executor = session.executor({.workers = 2});
  get_going(executor);
  std::exit(5);
}

int end_by_abort(Session& session) {
  Executor executor = session.executor({.workers = 2});
  get_going(executor);
  std::abort();
}

template <StartMethod start>
int stay(Session& session) {
  Executor executor = session.executor({.workers = 2, .start = start});
  get_going(executor).get();
  return 0;
}

pid_t own_zygote() { return parent_of(parent_of(::getpid())); }

// The first task of each node to come so far leaves daemons and kills the pristine zygote of its node.
std::uint64_t square_and_strike(std::uint64_t item) {
  if (item < 3000 || shared(2).get() != 0) return item * item;
  shared(2).add();
  shared(3).set(static_cast<std::uint32_t>(parent_of(::getpid())));
  leave_daemons();
  shared(1).await(2);
  kill_process(own_zygote());
  for (;;) ::pause();
}

std::uint32_t strikes_here(std::uint64_t) { return shared(2).get(); }

// No task is to blame for it, so one attempt each must do.
int kill_zygote(Session& session) {
  Executor executor = session.executor({.workers = 2, .retries = 0});
  Executor idle = session.executor({.workers = 1, .retries = 0});
  const pid_t zygote = idle.submit<own_zygote>().get();
  const std::vector<pid_t> below = descendants_of(zygote);
  std::uint64_t item = 0;
  for (const std::uint64_t value : executor.map<square_and_strike>(CountUp(20'000))) {
    if (value != item * item) std::printf("%llu is wrong\n", static_cast<unsigned long long>(item));
    ++item;
  }
  std::uint32_t missed = 0;
  for (const std::uint32_t strikes : executor.map<strikes_here>(CountUp(20'000)))
    missed += strikes == 0 ? 1 : 0;
  std::printf("%llu results, %u without a strike\n", static_cast<unsigned long long>(item), missed);
  if (!await_ends(below, std::chrono::seconds(1))) std::puts("workers live on without their zygotes");
  std::puts(idle.submit<own_zygote>().get() == zygote ? "the zygote was not replaced" : "it was replaced");
  Executor late = session.executor({.workers = 1});
  std::puts(late.submit<square>(3).get() == 9 ? "late tasks run" : "late tasks are wrong");
  return 0;
}

int never_end(int) {
  std::puts("going");
  std::fflush(stdout);
  for (;;) ::pause();
}

int serial_for_ever(Session& session) {
  return session.executor({.start = StartMethod::serial}).submit<never_end>(1).get();
}

int serial_until_drained(Session& session) {
  Executor executor = session.executor({.start = StartMethod::serial});
  try {
    for (std::uint64_t i = 0;; ++i) {
      executor.submit<square>(i).get();
      if (i == 100) ::kill(::getpid(), SIGTERM);
    }
  } catch (const TaskCancelled&) {
    std::puts("drained");
    throw;
  }
}

const std::map<std::string, std::function<int(Session&)>> scenarios{
    {"infinite", infinite},
    {"million", million},
    {"normal", end_normally},
    {"exception", end_by_exception},
    {"exit", end_by_exit},
    {"abort", end_by_abort},
    {"stay", stay<StartMethod::fork>},
    {"stay_fresh", stay<StartMethod::spawn>},
    {"serial_for_ever", serial_for_ever},
    {"serial_until_drained", serial_until_drained},
    {"kill_zygote", kill_zygote},
    {"sevens", in_sevens<itself>},
    {"sevens_and_a_death", in_sevens<die_once_at_45>},
};

}  // namespace
}  // namespace acre::test

int main(int argc, char** argv) {
  return acre::run(argc, argv,
                   [&](acre::Session& session) { return acre::test::scenarios.at(argv[1])(session); });
}

// A program that ends in one of many ways: endings <way>.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include <acre/acre.hpp>

#include "cluster/places.hpp"

namespace acre::test {
namespace {

int never_end() {
  for (;;) ::pause();
}
int seven() { return 7; }
int fail() { throw std::out_of_range("no such row"); }

void say(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

// An executor whose workers, on all nodes, are busy for ever.
Executor busy_executor(Session& session) {
  Executor executor = session.executor({.workers = 1});
  await_nodes(executor, session.nodes());
  for (int i = 0; i < 3 * session.nodes(); ++i) executor.submit<never_end>();
  return executor;
}

// Sends this process a signal that asks for a drain, and waits until the executor drains.
void drain_by(int signal, Executor& executor) {
  ::kill(::getpid(), signal);
  try {
    for (;;) executor.submit<seven>().get();
  } catch (const TaskCancelled&) {
    say("drained");
  }
}

int return_0(Session&) { return 0; }
int return_3(Session&) { return 3; }
int throw_error(Session&) { throw Error("the input is missing"); }
int throw_number(Session&) { throw 5; }
int task_throws(Session& session) { return session.executor({.workers = 1}).submit<fail>().get(); }
int one_task(Session& session) { return session.executor({.workers = 1}).submit<seven>().get() - 7; }
int exit_5(Session& session) {
  const Executor executor = busy_executor(session);
  std::exit(5);
}
int unwind(Session& session) {
  const Executor executor = busy_executor(session);
  throw Error("the program has had enough");
}
int leave_open(Session& session) {
  static std::optional<Executor> kept;
  kept.emplace(session.executor({.workers = 1}));
  return kept->submit<seven>().get();
}
int facts(Session& session) {
  say(fmt::format("{} nodes, {} workers", session.nodes(), session.default_workers()));
  return 0;
}
int wrong_options(Session& session) {
  const Duration before{-1};
  for (const ExecutorOptions& options :
       {ExecutorOptions{.workers = -1}, ExecutorOptions{.workers = 5000}, ExecutorOptions{.retries = -1},
        ExecutorOptions{.max_strikes = -1}, ExecutorOptions{.retry_backoff = before},
        ExecutorOptions{.task_timeout = Duration{}}, ExecutorOptions{.speculate_after = -1}}) {
    try {
      session.executor(options);
      say("it was opened");
    } catch (const Error& error) {
      say(error.what());
    }
  }
  return 0;
}
int drained(Session& session) {
  Executor executor = session.executor({.workers = 1});
  drain_by(SIGUSR1, executor);
  Executor late = session.executor({.workers = 1});
  return late.submit<seven>().get();
}
int drained_but_done(Session& session) {
  Executor executor = session.executor({.workers = 1});
  drain_by(SIGUSR1, executor);
  return 0;
}
int user1_then_terminate(Session& session) {
  Executor executor = session.executor({.workers = 1});
  drain_by(SIGUSR1, executor);
  ::kill(::getpid(), SIGTERM);
  ::poll(nullptr, 0, 300);
  say("still here");
  return 0;
}
int terminate_twice(Session& session) {
  Executor executor = session.executor({.workers = 1});
  drain_by(SIGTERM, executor);
  ::kill(::getpid(), SIGTERM);
  for (;;) ::pause();
}

const std::map<std::string, std::function<int(Session&)>> ways{{"return_0", return_0},
                                                               {"return_3", return_3},
                                                               {"throw_error", throw_error},
                                                               {"throw_number", throw_number},
                                                               {"task_throws", task_throws},
                                                               {"one_task", one_task},
                                                               {"exit_5", exit_5},
                                                               {"unwind", unwind},
                                                               {"leave_open", leave_open},
                                                               {"facts", facts},
                                                               {"wrong_options", wrong_options},
                                                               {"drained", drained},
                                                               {"drained_but_done", drained_but_done},
                                                               {"user1_then_terminate", user1_then_terminate},
                                                               {"terminate_twice", terminate_twice},
                                                               {"threads", return_0}};
}  // namespace
}  // namespace acre::test

int main(int argc, char** argv) {
  const std::string way = argc > 1 ? argv[1] : "";
  if (way == "threads") std::thread([] { ::pause(); }).detach();
  return acre::run(argc, argv, [&](acre::Session& session) { return acre::test::ways.at(way)(session); });
}

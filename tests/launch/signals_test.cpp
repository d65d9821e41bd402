#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>

#include <acre/launch/signals.hpp>

namespace acre::launch {
namespace {
bool is_blocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

/// Restores the signal mask, so that the tests of this program stay independent of each other.
class Signals : public testing::Test {
 protected:
  Signals() { pthread_sigmask(SIG_BLOCK, nullptr, &mask_); }
  ~Signals() override { pthread_sigmask(SIG_SETMASK, &mask_, nullptr); }

 private:
  sigset_t mask_{};
};

TEST_F(Signals, TheFiveAreBlockedAndNoOther) {
  block_signals();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2})
    EXPECT_TRUE(is_blocked(signal)) << signal;
  for (const int signal : {SIGCHLD, SIGPIPE, SIGSEGV, SIGALRM, SIGQUIT})
    EXPECT_FALSE(is_blocked(signal)) << signal;
}

TEST_F(Signals, ArriveAsData) {
  block_signals();
  SignalWatch watch;
  EXPECT_EQ(watch.next(), std::nullopt);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    ASSERT_EQ(raise(signal), 0);
    EXPECT_EQ(watch.next(), signal);
    EXPECT_EQ(watch.next(), std::nullopt);
  }
}

TEST_F(Signals, Usr2IsHeldBackButNotReported) {
  block_signals();
  SignalWatch watch;
  ASSERT_EQ(raise(SIGUSR2), 0);
  EXPECT_EQ(watch.next(), std::nullopt);
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGUSR2), 1);
  std::signal(SIGUSR2, SIG_IGN);
  std::signal(SIGUSR2, SIG_DFL);
}

TEST_F(Signals, DescriptorNeitherBlocksNorReachesCommands) {
  block_signals();
  const SignalWatch watch;
  EXPECT_NE(fcntl(watch.descriptor(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(watch.descriptor(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Signals, ResetMakesACommandMortalAgain) {
  block_signals();
  std::signal(SIGPIPE, SIG_IGN);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    reset_signals();
    struct sigaction pipe_action {};
    sigaction(SIGPIPE, nullptr, &pipe_action);
    if (pipe_action.sa_handler != SIG_DFL || is_blocked(SIGINT)) _exit(3);
    raise(SIGTERM);
    _exit(4);
  }
  std::signal(SIGPIPE, SIG_DFL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "exit status " << WEXITSTATUS(status);
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}
}  // namespace
}  // namespace acre::launch

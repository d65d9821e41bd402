#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

#include <acre/base/error.hpp>
#include <acre/launch/signals.hpp>

namespace acre::launch {
namespace {
sigset_t set_of(std::initializer_list<int> signals) noexcept {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}
}  // namespace

void block_signals() noexcept {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void reset_signals() noexcept {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  // KILL, STOP and the two that libc keeps for itself refuse, which is as it should be.
  for (int signal = 1; signal <= SIGRTMAX; ++signal) sigaction(signal, &action, nullptr);
  const sigset_t none = set_of({});
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

SignalWatch::SignalWatch() {
  const sigset_t set = set_of({SIGINT, SIGTERM, SIGHUP, SIGUSR1});
  descriptor_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor_ < 0) throw_errno("cannot watch for signals (signalfd)");
}

SignalWatch::~SignalWatch() { close(descriptor_); }

std::optional<int> SignalWatch::next() {
  signalfd_siginfo arrived{};
  for (;;) {
    const ssize_t got = read(descriptor_, &arrived, sizeof arrived);
    if (got == static_cast<ssize_t>(sizeof arrived)) return static_cast<int>(arrived.ssi_signo);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    throw_errno("cannot read the signals that arrived (signalfd)");
  }
}

}  // namespace acre::launch

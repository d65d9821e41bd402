#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include <acre/session/watch.hpp>

namespace acre::session {
namespace {
constexpr int interrupted = 130, try_again = 75;  // 128 + SIGINT, and EX_TEMPFAIL of sysexits.h
}

Watch::Watch(std::function<void()> drain) : drain_(std::move(drain)), thread_([this] { run(); }) {}

Watch::~Watch() {
  stop_.ring();
  thread_.join();
}

void Watch::run() {
  for (;;) {
    std::array<pollfd, 2> waits{{{signals_.descriptor(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
    ::poll(waits.data(), waits.size(), -1);
    while (const auto signal = signals_.next()) heard(*signal);
    if (waits[1].revents != 0) return;
  }
}

void Watch::heard(int signal) {
  const int status = signal == SIGINT ? interrupted : try_again;
  int none = 0;
  if (status_.compare_exchange_strong(none, status))
    drain_();
  else if (signal == SIGINT || signal == SIGTERM)
    ::_exit(status);
}

void Watch::drain_now() { heard(SIGUSR1); }

}  // namespace acre::session

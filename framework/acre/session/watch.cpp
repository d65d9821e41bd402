#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <acre/session/watch.hpp>

namespace acre::session {
Watch::Watch(std::function<void()> drain, std::vector<int> others)
    : drain_(std::move(drain)), others_(std::move(others)), thread_([this] { run(); }) {}

Watch::~Watch() {
  stop_.ring();
  thread_.join();
}

void Watch::run() {
  std::vector<pollfd> waits{{signals_.descriptor(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
  for (const int other : others_) waits.push_back({other, POLLIN, 0});
  for (;;) {
    ::poll(waits.data(), waits.size(), -1);
    while (const auto signal = signals_.next()) heard(*signal);
    if (waits[1].revents != 0) return;
    const auto rung = [](const pollfd& wait) { return wait.revents != 0; };
    if (std::any_of(waits.begin() + 2, waits.end(), rung)) {
      waits.resize(2);  // once is enough, and what was not read would be readable for ever
      heard(SIGUSR1);
    }
  }
}

// A drain that another rank or the batch system asked for is no reason to end at the first INT or TERM:
// mpirun sends TERM to all ranks, and one that is parked may pass it on before it arrives here.
void Watch::heard(int signal) {
  const int status = signal == SIGINT ? interrupted : try_again;
  const bool insists = signal == SIGINT || signal == SIGTERM;
  if (insists && std::exchange(warned_, true)) ::_exit(status);
  int none = 0;
  if (status_.compare_exchange_strong(none, status)) drain_();
}

}  // namespace acre::session

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include <acre/base/error.hpp>
#include <acre/channel/memory.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/preloaded_zygote.hpp>
#include <acre/node/process.hpp>
#include <acre/node/zygote.hpp>
#include <acre/observe/say.hpp>

namespace acre::node {
namespace {

class PristineZygote {
 public:
  PristineZygote(channel::Descriptor socket, channel::Descriptor child_ends)
      : socket_(std::move(socket)), child_ends_(std::move(child_ends)) {}

  void run() {
    for (;;) {
      std::array<pollfd, 2> waits{{{socket_.get(), POLLIN, 0}, {child_ends_.get(), POLLIN, 0}}};
      ::poll(waits.data(), waits.size(), -1);
      reap(child_ends_.get());
      channel::Received request = channel::receive_message(socket_.get(), false);
      if (request.state == channel::Received::State::end) return;
      if (request.state == channel::Received::State::message) start(std::move(request));
    }
  }

 private:
  static void reap(int child_ends) {
    signalfd_siginfo info{};
    while (::read(child_ends, &info, sizeof info) > 0) continue;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) continue;
  }

  void start(channel::Received request) {
    const pid_t self = ::getpid();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return;
    socket_.reset();
    child_ends_.reset();
    preloaded_zygote_main({self, std::move(request.descriptors.at(0)), std::move(request.descriptors.at(1))});
  }

  channel::Descriptor socket_, child_ends_;
};

[[noreturn]] void pristine_zygote_main(channel::Descriptor socket) noexcept {
  set_process_name("acre zygote");
  close_input();
  adopt_orphans();
  try {
    PristineZygote(std::move(socket), watch_child_ends()).run();
  } catch (const std::exception& error) {
    observe::say(std::string("the zygote cannot go on: ") + error.what());
  }
  sweep_descendants();
  leave(0);
}
}  // namespace

Zygote::Zygote() {
  auto [ours, theirs] = channel::socket_pair();
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw_errno("cannot start the zygote process");
  if (pid_ == 0) {
    ours.reset();
    pristine_zygote_main(std::move(theirs));
  }
  socket_ = std::move(ours);
}

Zygote::~Zygote() {
  socket_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

channel::Descriptor Zygote::open_pool(const PoolSetup& setup) {
  auto [ours, theirs] = channel::socket_pair();
  const channel::Descriptor blob = channel::create_blob(encode_setup(setup));
  const std::uint8_t open = 1;
  const std::array<int, 2> fds{theirs.get(), blob.get()};
  if (channel::send_message(socket_.get(), bytes_of(open), fds) != channel::Sent::yes)
    throw Error("the zygote process of this node is gone: no workers can be started; run again");
  return std::move(ours);
}

}  // namespace acre::node

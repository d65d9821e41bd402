#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include <acre/base/error.hpp>
#include <acre/channel/memory.hpp>
#include <acre/channel/socket.hpp>
#include <acre/node/fresh_start.hpp>
#include <acre/node/preloaded_zygote.hpp>
#include <acre/node/process.hpp>
#include <acre/node/supervisor.hpp>
#include <acre/node/zygote.hpp>
#include <acre/observe/say.hpp>

namespace acre::node {
namespace {

class PristineZygote {
 public:
  // In a group of its own: a launcher, or `timeout -s KILL`, that kills the agent's whole group leaves it to
  // sweep up. All below it is in the agent's, which a terminal's Ctrl-Z stops.
  explicit PristineZygote(channel::Descriptor socket)
      : socket_(std::move(socket)), group_(::getpgid(::getppid())) {
    ::setpgid(0, 0);
  }

  void run() {
    for (;;) {
      std::array<pollfd, 2> waits{{{socket_.get(), POLLIN, 0}, {children_->descriptor(), POLLIN, 0}}};
      ::poll(waits.data(), waits.size(), children_->patience_ms());
      for (const ChildEnd& end : children_->look().ends) tell(end);
      channel::Received request = channel::receive_message(socket_.get(), false);
      if (request.state == channel::Received::State::end) return;
      if (request.state == channel::Received::State::message) start(std::move(request));
    }
  }

 private:
  void tell(const ChildEnd& end) {
    const auto obituary = obituaries_.find(end.pid);
    if (obituary == obituaries_.end()) return;
    channel::send_message(obituary->second.get(), bytes_of(end), {}, false);
    obituaries_.erase(obituary);
  }

  void start(channel::Received request) {
    const pid_t self = ::getpid();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    auto& descriptors = request.descriptors;
    if (child != 0) {
      children_->add(child);
      obituaries_.emplace(child, std::move(descriptors.at(3)));
      return;
    }
    socket_.reset();
    children_.reset();
    obituaries_.clear();
    descriptors.at(3).reset();
    ::setpgid(0, group_);
    preloaded_zygote_main(
        {self, std::move(descriptors.at(0)), std::move(descriptors.at(1)), std::move(descriptors.at(2))});
  }

  channel::Descriptor socket_;
  pid_t group_;  ///< the agent's
  std::unique_ptr<Supervisor> children_ = std::make_unique<Supervisor>();
  std::map<pid_t, channel::Descriptor> obituaries_;
};
}  // namespace

void zygote_main(channel::Descriptor socket, const std::string& scratch) noexcept {
  set_process_title("acre zygote (" + program_name() + ")");
  close_input();
  adopt_orphans();
  try {
    PristineZygote(std::move(socket)).run();
  } catch (const std::exception& error) {
    observe::say(std::string("the zygote cannot go on: ") + error.what());
  }
  sweep_descendants();
  remove_scratch(scratch);
  leave(0);
}

Zygote::Zygote() {
  note_own_start();
  auto [ours, theirs] = channel::socket_pair();
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw_errno("cannot start the zygote process");
  if (pid_ == 0) {
    ours.reset();
    zygote_main(std::move(theirs), scratch_);
  }
  socket_ = std::move(ours);
}

Zygote::~Zygote() {
  socket_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  remove_scratch(scratch_);  // a second zygote does not know it
}

// The agent may have threads and MPI by now, beside which it must not fork.
void Zygote::start_again() {
  socket_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  auto [ours, theirs] = channel::socket_pair();
  constexpr int number = STDERR_FILENO + 1;
  pid_ = FreshStart(FreshStart::Role::zygote, {number}).spawn(theirs.get());
  socket_ = std::move(ours);
}

channel::Sent Zygote::ask(std::span<const int> descriptors) const {
  const std::uint8_t open = 1;
  return channel::send_message(socket_.get(), bytes_of(open), descriptors);
}

PoolLine Zygote::open_pool(const PoolSetup& setup) {
  PoolLine line;
  auto [ours, theirs] = channel::socket_pair();
  auto [reads, writes] = channel::socket_pair();
  const channel::Descriptor blob = channel::create_blob(encode_setup(setup));
  const std::array<int, 4> fds{theirs.get(), blob.get(), line.words.theirs().get(), writes.get()};
  const std::lock_guard lock(mutex_);
  channel::Sent sent = ask(fds);
  if (sent == channel::Sent::gone) {
    start_again();
    sent = ask(fds);
  }
  if (sent == channel::Sent::full) throw Error(too_many_descriptors);
  if (sent == channel::Sent::gone)
    throw Error("the zygote process of this node died, and so did the next one: no workers can be started");
  line.words.sent();
  line.socket = std::move(ours);
  line.obituary = std::move(reads);
  return line;
}

std::optional<ChildEnd> end_of(const PoolLine& line) {
  constexpr int patience_ms = 1000;
  pollfd wait{line.obituary.get(), POLLIN, 0};
  if (::poll(&wait, 1, patience_ms) != 1) return std::nullopt;
  const channel::Received message = channel::receive_message(line.obituary.get(), false);
  ChildEnd end;
  if (message.bytes.size() != sizeof end) return std::nullopt;
  std::memcpy(&end, message.bytes.data(), sizeof end);
  return end;
}

}  // namespace acre::node

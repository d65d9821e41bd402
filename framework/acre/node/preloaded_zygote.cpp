#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <acre/base/error.hpp>
#include <acre/base/time.hpp>
#include <acre/channel/doorbell.hpp>
#include <acre/channel/socket.hpp>
#include <acre/launch/host.hpp>
#include <acre/node/fresh_start.hpp>
#include <acre/node/preloaded_zygote.hpp>
#include <acre/node/process.hpp>
#include <acre/node/scratch.hpp>
#include <acre/node/supervisor.hpp>
#include <acre/node/worker.hpp>
#include <acre/observe/say.hpp>
#include <acre/task/exception.hpp>

namespace acre::node {
namespace {
constexpr std::size_t max_words = std::size_t{32} * 1024;

// Threads that do nothing but hold one of malloc's arenas each while the preload runs, so that it fills other
// ones. In a forked worker the oldest arenas are taken first: its threads get these, and leave the holes
// between what the preload built, which they would un-share, alone.
class HeldArenas {
 public:
  explicit HeldArenas(std::size_t count) {
    std::latch held(static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i)
      threads_.emplace_back([this, &held] {
        void* volatile block = std::malloc(1);
        std::free(block);
        held.count_down();
        over_.wait(false);
      });
    held.wait();
  }
  ~HeldArenas() {
    over_ = true;
    over_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

class PreloadedZygote {
 public:
  PreloadedZygote(channel::Descriptor socket, PoolSetup setup, channel::Descriptor setup_blob)
      : socket_(channel::out_of_the_way(std::move(socket))),
        setup_(std::move(setup)),
        setup_blob_(std::move(setup_blob)) {}

  // Runs the preload on a thread that is joined before any worker is forked, so that workers inherit one
  // thread and a heap whose free chunks belong to that thread's arena. False if there is nobody to serve.
  bool preload() {
    std::string failure;
    if (setup_.has_preload && setup_.start == StartMethod::fork) {
      // The first thread of a process may bring one of a sanitizer's with it, which stays.
      std::thread([] {}).join();
      const int allowed = threads_are_left(1) ? launch::thread_count() : 1;
      {
        const HeldArenas held(std::max<std::size_t>(setup_.cpus.size(), 1));
        run_preload(failure);
      }
      rest_blas_threads();
      if (failure.empty() && threads_are_left(allowed))
        failure =
            "it left threads running, beside which workers cannot be forked safely: join them before it "
            "returns";
    }
    // What the preload has started is known to it: workers may need it.
    children_ = std::make_unique<Supervisor>(setup_.memory_limit_bytes, Duration(setup_.grace_ns));
    report({.kind = failure.empty() ? ZygoteReport::Kind::preloaded : ZygoteReport::Kind::failed}, failure);
    return failure.empty();
  }

  // The folders of workers that are gone with this process; call it when they are.
  void tidy() const {
    for (const auto& [pid, worker] : workers_) remove_scratch(scratch_of(setup_.scratch, pid));
  }

  void run() {
    for (;;) {
      const short wanted = reports_.empty() ? POLLIN : POLLIN | POLLOUT;
      std::array<pollfd, 2> waits{{{socket_.get(), wanted, 0}, {children_->descriptor(), POLLIN, 0}}};
      ::poll(waits.data(), waits.size(), children_->patience_ms());
      if (!look_after_children()) return;
      send_reports();
      channel::Received message = channel::receive_message(socket_.get(), false);
      if (message.state == channel::Received::State::end) return;
      if (message.state == channel::Received::State::message) obey(std::move(message));
    }
  }

 private:
  // The agent may go while the preload runs, which then must not go on.
  void run_preload(std::string& failure) {
    channel::EventBell done;
    std::thread thread([&] {
      try {
        preloaded_ = task::run_hook(setup_.preload, setup_.preload_arguments);
      } catch (...) {
        const task::Caught caught = task::describe_current_exception();
        failure = caught.type + ": " + caught.message;
      }
      leave_if_cut_off();
      done.ring();
    });
    std::array<pollfd, 2> waits{{{done.fd(), POLLIN, 0}, {socket_.get(), 0, 0}}};
    while (waits[0].revents == 0 && waits[1].revents == 0) ::poll(waits.data(), waits.size(), -1);
    if (waits[0].revents == 0) {
      sweep_descendants();
      leave(0);
    }
    thread.join();
  }

  // Without its socket this process can neither serve its agent nor tell it why, but by its last words.
  void leave_if_cut_off() const {
    if (::fcntl(socket_.get(), F_GETFD) >= 0) return;
    observe::say(std::string("the preload ") + closed_descriptors);
    leave(1);
  }

  void report(ZygoteReport report, const std::string& words = {}) {
    Bytes bytes(bytes_of(report).begin(), bytes_of(report).end());
    const ByteView text = bytes_of_text(words);
    bytes.insert(bytes.end(), text.begin(),
                 text.begin() + static_cast<long>(std::min(text.size(), max_words)));
    reports_.push_back(std::move(bytes));
    send_reports();
  }

  // Never blocks: the agent may itself be blocked in a request to this process.
  void send_reports() {
    while (!reports_.empty()) {
      if (channel::send_message(socket_.get(), reports_.front(), {}, false) == channel::Sent::full) return;
      reports_.pop_front();
    }
  }

  // False if the pristine zygote has died, which would have swept what workers leave behind.
  bool look_after_children() {
    const Supervisor::Sight sight = children_->look();
    for (const pid_t pid : sight.large)
      report({.kind = ZygoteReport::Kind::large, .worker = workers_.at(pid)});
    for (const ChildEnd& end : sight.ends) {
      remove_scratch(scratch_of(setup_.scratch, end.pid));
      report({.kind = ZygoteReport::Kind::ended, .worker = workers_.at(end.pid), .end = end});
      workers_.erase(end.pid);
    }
    return !sight.orphaned;
  }

  void obey(channel::Received message) {
    ZygoteRequest request{};
    if (message.bytes.size() != sizeof request) throw Error("an unreadable request from the agent");
    std::memcpy(&request, message.bytes.data(), sizeof request);
    if (request.kind == ZygoteRequest::Kind::start)
      return start(request.worker, std::move(message.descriptors));
    for (const auto& [pid, worker] : workers_) {
      if (worker != request.worker) continue;
      request.kind == ZygoteRequest::Kind::end ? children_->end(pid) : children_->kill(pid);
    }
  }

  void start(std::uint32_t worker, std::vector<channel::Descriptor> descriptors) {
    const pid_t self = ::getpid();
    std::optional<FreshStart> fresh;
    if (setup_.start == StartMethod::spawn)
      fresh.emplace(FreshStart::Role::worker,
                    std::vector<int>{descriptors.at(0).get(), descriptors.at(1).get(),
                                     descriptors.at(2).get(), descriptors.at(3).get(), setup_blob_.get()});
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) throw_errno("cannot fork a worker");
    if (pid == 0) {
      if (fresh) fresh->exec();
      socket_.reset();
      setup_blob_.reset();
      children_.reset();
      worker_main({self, setup_, preloaded_, std::move(descriptors.at(0)), std::move(descriptors.at(1)),
                   std::move(descriptors.at(2)), std::move(descriptors.at(3))});
    }
    children_->add(pid);
    workers_.emplace(pid, worker);
    report({.kind = ZygoteReport::Kind::started, .worker = worker, .end = {.pid = pid}});
  }

  channel::Descriptor socket_;
  PoolSetup setup_;
  channel::Descriptor setup_blob_;
  std::unique_ptr<Supervisor> children_;
  task::Kept preloaded_;
  std::map<pid_t, std::uint32_t> workers_;
  std::deque<Bytes> reports_;  ///< not sent yet
};
}  // namespace

void preloaded_zygote_main(PreloadedZygoteBirth birth) noexcept {
  sigset_t orphaned;
  sigemptyset(&orphaned);
  sigaddset(&orphaned, orphaned_signal());
  ::sigprocmask(SIG_BLOCK, &orphaned, nullptr);
  hear_of_parents_death(birth.parent, orphaned_signal());
  adopt_orphans();
  write_errors_to(std::move(birth.errors));
  try {
    PoolSetup setup = read_setup(birth.setup.get());
    set_process_title("acre preloaded (" + setup.program + ")");
    // The launcher may have bound the agent to one core of the many that this node's ranks have.
    use_cpus(0, setup.cpus);
    PreloadedZygote zygote(std::move(birth.socket), std::move(setup), std::move(birth.setup));
    if (zygote.preload()) zygote.run();
    sweep_descendants();
    zygote.tidy();
  } catch (const std::exception& error) {
    observe::say(std::string("a preloaded zygote cannot go on: ") + error.what());
  }
  sweep_descendants();
  leave(0);
}

}  // namespace acre::node

#include <pthread.h>
#include <signal.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <acre/base/error.hpp>
#include <acre/channel/worker_channel.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/own_memory.hpp>
#include <acre/node/pack.hpp>
#include <acre/node/process.hpp>
#include <acre/node/scratch.hpp>
#include <acre/node/supervisor.hpp>
#include <acre/node/worker.hpp>
#include <acre/observe/say.hpp>
#include <acre/task/failure.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/invoke.hpp>
#include <acre/wire/codec.hpp>

namespace acre::node {
namespace {

// A process that a task or hook has forked has the user's code to return to, but is no worker.
bool forked_by_a_task = false;
const channel::WorkerEnd* end_to_cut_off = nullptr;

void note_fork() {
  forked_by_a_task = true;
  end_to_cut_off->cut_off();
}

// A task that may need to tidy up before it is ended can handle SIGTERM as usual: it comes only by this way.
void end_as_by_sigterm(int) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(SIGTERM);
}

void listen_to_zygote() {
  struct sigaction action {};
  action.sa_handler = end_as_by_sigterm;
  action.sa_flags = SA_RESTART;
  ::sigaction(polite_signal(), &action, nullptr);
  sigset_t heard;
  sigemptyset(&heard);
  for (const int signal : {SIGCHLD, polite_signal(), orphaned_signal()}) sigaddset(&heard, signal);
  ::sigprocmask(SIG_UNBLOCK, &heard, nullptr);  // the zygote blocks them; a task's own children need SIGCHLD
}

class Worker {
 public:
  Worker(channel::WorkerEnd end, task::Surroundings here, const PoolSetup& setup)
      : end_(std::move(end)),
        here_(std::move(here)),
        setup_(setup),
        place_({end_.stage(), end_.stop(), end_.heeds()},
               {setup.scratch, scratch_of(setup.scratch, ::getpid()), setup.job_end_wall_ns}) {
    end_to_cut_off = &end_;
    ::pthread_atfork(nullptr, nullptr, note_fork);
    end_.on_rest([this] { keep_memory(false); });
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Runs the hooks and says whether this worker can be used. A fork has its zygote's preload.
  bool prepare() {
    std::string failure;
    Up kind = Up::no_preload;
    if (setup_.has_preload && setup_.start == StartMethod::spawn)
      failure = try_hook(setup_.preload, setup_.preload_arguments, here_.preloaded);
    if (failure.empty() && setup_.has_initializer) {
      kind = Up::unusable;
      failure = try_hook(setup_.initializer, setup_.initializer_arguments, here_.per_worker);
    }
    if (forked_by_a_task) ::_exit(0);
    const bool cut_off = is_cut_off();
    if (failure.empty() && cut_off) failure = std::string("it ") + closed_descriptors;
    if (!failure.empty()) {
      end_.write(static_cast<std::uint32_t>(kind), {}, bytes_of_text(failure));
      if (!cut_off) end_.ring();
      return false;
    }
    if (setup_.memory_limit_bytes > 0) memory_at_first_ = own_memory(0).value_or(0);
    tell(Up::ready, {});
    return true;
  }

  // Until the agent says so, or it is time for another worker to take this one's place.
  void run() {
    try {
      while (run_one())
        if (leaving_) return tell(Up::leaving, bytes_of(*leaving_));
    } catch (const channel::ChannelGone&) {
      const LeaveNote note{LeaveNote::Why::channel, tasks_, 0, 0};
      end_.write(static_cast<std::uint32_t>(Up::leaving), bytes_of(note), {});
    }
  }

 private:
  bool run_one() {
    const channel::OwnedMessage& message = end_.claim_next();
    if (message.kind != static_cast<std::uint32_t>(Down::task)) {
      if (!obey(message)) return false;
      leaving_ = reason_to_leave();
      return true;
    }
    take_number();
    if (message.is_large) keep_memory_after(message.behind(0));
    run_all(PackView(message));
    return true;
  }

  // One task after the other, as each is begun when the one before it is answered. What has not been claimed
  // when it is time to leave is for another worker.
  void run_all(const PackView& pack) {
    restart_watch();
    do {
      answer(pack, end_.begun() - 1);
      ++tasks_;
      if (!end_.has_claimed()) leaving_ = reason_to_leave();
      if (leaving_) return;
      if (end_.begun() < pack.count() && end_.ring_if_asked(!quick_)) restart_watch();
    } while (end_.claim_item(quick_ ? worth_claiming_ahead() : 0));
    end_.release();
    end_.ring_if_asked();
  }

  // Claims are most of what the quickest tasks cost. Should one of those claimed ahead be long, the others
  // wait for it here, so they are few.
  std::uint32_t worth_claiming_ahead() const {
    constexpr std::uint32_t most = 15;
    return setup_.tasks_per_worker == 0 ? most : std::min(most, setup_.tasks_per_worker - tasks_ - 1);
  }

  // While large messages follow each other.
  void keep_memory_after(ByteView message) {
    if (end_.keeps() && message.size() > always_mapped && message.size() <= channel::most_kept)
      keep_memory(true);
  }

  // Under a limit what is held counts.
  void keep_memory(bool keep) {
    if (setup_.memory_limit_bytes > 0 || keeps_memory_ == keep) return;
    keeps_memory_ = keep;
    keep_freed_memory(keep);
  }

  // What is no task. False if this worker is to leave.
  bool obey(const channel::OwnedMessage& message) {
    switch (static_cast<Down>(message.kind)) {
      case Down::share:
        put_on_shelf(message);
        break;
      case Down::unshare:
        shelf_.remove(wire::from_bytes<std::uint64_t>(message.payload));
        break;
      case Down::leave:
        tell(Up::leaving, bytes_of(LeaveNote{LeaveNote::Why::surplus, tasks_, 0, 0}));
        return false;
      default:
        return false;
    }
    end_.release();
    return true;
  }

  void put_on_shelf(const channel::OwnedMessage& message) {
    task::SharedPlace place;
    wire::Reader(message.payload).copy(&place, sizeof place);
    shelf_.put(std::make_shared<const task::SharedValue>(message.attached.get(), place));
  }

  void take_number() {
    if (end_.number() == number_) return;
    number_ = end_.number();
    set_process_title("acre worker " + std::to_string(number_) + " (" + setup_.program + ")");
  }

  std::optional<LeaveNote> reason_to_leave() {
    if (tasks_ != 0 && tasks_ == setup_.tasks_per_worker)
      return LeaveNote{LeaveNote::Why::tasks, tasks_, 0, 0};
    const channel::Leave asked = end_.asked_to_leave();
    if (asked == channel::Leave::no) return std::nullopt;
    if (asked == channel::Leave::surplus) return LeaveNote{LeaveNote::Why::surplus, tasks_, 0, 0};
    end_.stay();
    end_.drop_kept();
    const std::int64_t own = own_memory(0).value_or(0);
    if (static_cast<double>(own) < large_share * static_cast<double>(setup_.memory_limit_bytes))
      return std::nullopt;  // the last task has given it back
    return LeaveNote{LeaveNote::Why::memory, tasks_, own, memory_at_first_};
  }

  // Whether a hook has closed the way to the agent, which sees what is written then a little later.
  bool is_cut_off() {
    try {
      end_.ring();
      return false;
    } catch (const channel::ChannelGone&) {
      return true;
    }
  }

  void tell(Up kind, ByteView payload) {
    end_.write(static_cast<std::uint32_t>(kind), payload, {});
    end_.ring();
  }

  // The end of a task is the beginning of the next, unless something that takes its time comes between them:
  // readings of the clock would cost more than what they would add to the next task's time.
  void answer(const PackView& pack, std::uint32_t item) {
    constexpr std::int64_t quick_ns = 2000;
    const bool at_once = std::exchange(follows_, true);
    end_.protect_lent();
    const task::OutcomeHead end =
        run_attempt(pack.head(), item, pack.arguments_of(item), here_, {result_, &blocks_}, place_, watch_);
    if (forked_by_a_task) ::_exit(0);
    at(task::Stage::answering);
    const bool printed = ::__fpending(stdout) != 0;
    if (printed) std::fflush(stdout);
    const bool waited = publish(end, at_once);
    at(task::Stage::idle);
    quick_ = end.run_ns < quick_ns && !waited;
    if (printed || waited) restart_watch();
  }

  // True if that took its time.
  bool publish(const task::OutcomeHead& end, bool at_once) {
    const std::uint64_t progress = channel::progress_at(end_.sequence(), end_.begun());
    const bool returned = end.ending == static_cast<std::uint64_t>(task::Ending::value);
    const auto run_ns = static_cast<std::uint32_t>(end.run_ns);
    if (at_once && returned && run_ns == end.run_ns && result_.size() <= most_value_bytes)
      return end_.write(static_cast<std::uint32_t>(Up::value), {}, result_, value_mark(progress, run_ns));
    const bool waited = end_.write(static_cast<std::uint32_t>(Up::outcome), bytes_of(end), result_, progress,
                                   channel::Block::of(result_));
    if (result_.capacity() >= least_long) {
      keep_memory_after(result_);
      result_ = Bytes();  // {} would keep the memory
    }
    return waited;
  }

  void restart_watch() {
    watch_.restart();
    follows_ = false;
  }

  void at(task::Stage stage) {
    end_.stage().store(static_cast<std::uint32_t>(stage), std::memory_order_relaxed);
  }

  channel::WorkerEnd end_;
  task::Surroundings here_;
  const PoolSetup& setup_;
  Workplace place_;
  task::Shelf shelf_;
  task::AtShelf at_shelf_{shelf_};
  channel::BlockSource& blocks_ = channel::BlockSource::here();
  Bytes result_;
  Stopwatch watch_;
  bool keeps_memory_ = false;
  bool quick_ = false;    ///< was the last task over at once?
  bool follows_ = false;  ///< does the next one begin when it ended?
  std::optional<LeaveNote> leaving_;
  std::uint32_t tasks_ = 0;
  std::int32_t number_ = -1;
  std::int64_t memory_at_first_ = 0;
};
}  // namespace

void worker_main(WorkerBirth birth) noexcept {
  die_with_parent(birth.parent);
  set_process_title("acre spare (" + birth.setup.program + ")");
  write_errors_to(std::move(birth.errors));
  listen_to_zygote();
  limit_threads(birth.setup.threads_per_worker);
  try {
    Worker worker(channel::WorkerEnd(std::move(birth.memory), std::move(birth.socket), std::move(birth.bell)),
                  {std::move(birth.preloaded), {}}, birth.setup);
    if (!worker.prepare()) leave(1);
    worker.run();
  } catch (const std::exception& error) {
    observe::say(std::string("a worker cannot go on: ") + error.what());
    leave(1);
  }
  leave(0);
}

}  // namespace acre::node

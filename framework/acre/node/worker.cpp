#include <signal.h>

#include <cfenv>
#include <cstdio>

#include <acre/base/error.hpp>
#include <acre/base/time.hpp>
#include <acre/channel/worker_channel.hpp>
#include <acre/node/process.hpp>
#include <acre/node/worker.hpp>
#include <acre/observe/say.hpp>
#include <acre/task/failure.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/invoke.hpp>

namespace acre::node {
namespace {

class Worker {
 public:
  Worker(channel::WorkerEnd end, task::Surroundings here) : end_(std::move(end)), here_(std::move(here)) {}

  // Runs the initializer and says whether this worker can be used.
  bool prepare(const PoolSetup& setup) {
    try {
      if (setup.has_initializer)
        here_.per_worker = task::run_hook(setup.initializer, setup.initializer_arguments);
    } catch (...) {
      const task::Caught caught = task::describe_current_exception();
      tell(Up::unusable, task::pack_failure(caught.type, caught.message));
      return false;
    }
    tell(Up::ready, {});
    return true;
  }

  void run() {
    for (;;) {
      const channel::OwnedMessage message = end_.claim_next();
      if (message.kind == static_cast<std::uint32_t>(Down::stop)) return;
      answer(message.payload);
      end_.release();
      end_.ring_if_asked(end_.sequence());
    }
  }

 private:
  void tell(Up kind, ByteView payload) {
    end_.write(static_cast<std::uint32_t>(kind), payload, {});
    end_.ring();
  }

  void answer(ByteView frame) {
    task::OutcomeHead head;
    head.sequence = end_.sequence();
    head.start_ns = wall_clock_ns();
    const Instant begin = now();
    result_.clear();
    task::Ending ending = task::Ending::value;
    try {
      attempt(frame);
    } catch (...) {
      const task::Caught caught = task::describe_current_exception();
      result_ = task::pack_failure(caught.type, caught.message);
      ending = task::Ending::thrown;
    }
    std::fflush(stdout);
    head.run_ns = (now() - begin).count();
    head.ending = static_cast<std::uint64_t>(ending);
    end_.write(static_cast<std::uint32_t>(Up::outcome), bytes_of(head), result_);
  }

  void attempt(ByteView frame) {
    wire::Reader reader(frame);
    task::TaskHead head;
    reader.copy(&head, sizeof head);
    const auto thunk = reinterpret_cast<task::Thunk>(const_cast<void*>(task::function_at(head.function)));
    Context context(head.index, static_cast<int>(head.attempt), head.key);
    wire::Writer writer(result_);
    task::Call call{context, here_, reader, writer};
    std::fesetenv(
        FE_DFL_ENV);  // what an earlier task did to rounding or flags must not change this one's bits
    thunk(call);
  }

  channel::WorkerEnd end_;
  task::Surroundings here_;
  Bytes result_;
};
}  // namespace

void worker_main(WorkerBirth birth) noexcept {
  die_with_parent(birth.parent);
  set_process_name("acre worker");
  sigset_t child_ends;
  sigemptyset(&child_ends);
  sigaddset(&child_ends, SIGCHLD);
  ::sigprocmask(SIG_UNBLOCK, &child_ends, nullptr);  // the zygote blocks it; a task's own children need it
  try {
    Worker worker(channel::WorkerEnd(std::move(birth.memory), std::move(birth.socket), std::move(birth.bell)),
                  {std::move(birth.preloaded), {}});
    if (!worker.prepare(birth.setup)) leave(1);
    worker.run();
  } catch (const std::exception& error) {
    observe::say(std::string("a worker cannot go on: ") + error.what());
    leave(1);
  }
  leave(0);
}

}  // namespace acre::node

#include <unistd.h>

#include <algorithm>

#include <acre/base/pause.hpp>
#include <acre/node/process.hpp>
#include <acre/node/scratch.hpp>
#include <acre/node/thread_worker.hpp>

namespace acre::node {

ThreadWorker::ThreadWorker(ThreadsShare& share, Prepare prepare) : share_(share) {
  tasks_.push_back(std::make_unique<Task>());
  thread_ = std::thread(
      [this, first = tasks_.front().get(), prepare = std::move(prepare)] { run(*first, prepare); });
}

ThreadWorker::~ThreadWorker() {
  retire();
  thread_.join();
}

void ThreadWorker::dispatch(Part part, const task::TaskHead& head, ByteView arguments) {
  auto task = std::make_unique<Task>();
  task->part = part;
  task->sequence = ++sequence_;
  task->head = head;
  task->arguments = copy_of(arguments);
  task->claim.store(Claim::queued, std::memory_order_relaxed);
  Task* const added = task.get();
  tasks_.push_back(std::move(task));
  tasks_[tasks_.size() - 2]->next.store(added, std::memory_order_release);
  ++load_;
}

void ThreadWorker::wake() noexcept { door_.ring(); }

void ThreadWorker::retire() noexcept {
  retired_.store(true);
  door_.ring();
}

// Tasks of a chunk stand one after the other, and are started in order.
ThreadWorker::TakenBack ThreadWorker::recall(ChunkId chunk, std::uint32_t count) {
  TakenBack back;
  back.all = true;
  for (auto at = tasks_.rbegin(); at != tasks_.rend(); ++at) {
    Task& task = **at;
    if (task.part.chunk != chunk) continue;
    Claim claim = Claim::queued;
    if (back.count < count && task.claim.compare_exchange_strong(claim, Claim::recalled)) {
      back.first = task.part.place;
      ++back.count;
      continue;
    }
    claim = task.claim.load(std::memory_order_acquire);
    if (claim == Claim::recalled || claim == Claim::passed) continue;  // by an earlier recall
    back.all = at + 1 == tasks_.rend();                                // the first of the list was taken
    break;
  }
  load_ -= back.count;
  return back;
}

std::optional<ThreadWorker::End> ThreadWorker::take() {
  while (tasks_.size() > 1) {
    Task& task = *tasks_[1];
    const Claim claim = task.claim.load(std::memory_order_acquire);
    if (claim != Claim::done && claim != Claim::passed) return std::nullopt;
    tasks_.pop_front();
    if (claim == Claim::passed) continue;
    --load_;
    return End{task.part, task.head.attempt, task.end, std::move(task.result)};
  }
  return std::nullopt;
}

std::optional<ChunkId> ThreadWorker::newly_running() {
  if (tasks_.size() < 2) return std::nullopt;
  const Task& first = *tasks_[1];
  if (first.claim.load(std::memory_order_acquire) != Claim::claimed || first.part.chunk == told_)
    return std::nullopt;
  told_ = first.part.chunk;
  return told_;
}

bool ThreadWorker::prepare_sleep(const SleepPlan& plan) {
  std::uint64_t at = never;
  if (load_ != 0) {
    const auto newest = std::find_if(tasks_.rbegin(), tasks_.rend(), [](const auto& task) {
      const Claim claim = task->claim.load(std::memory_order_acquire);
      return claim != Claim::recalled && claim != Claim::passed;
    });
    const std::uint64_t last = (*newest)->sequence, first = tasks_[1]->sequence;
    at = plan.any_result ? first : plan.low_water ? first + (last - first) / 2 : last;
    if (plan.awaited_at)
      for (const auto& task : tasks_)
        if (task->part.chunk == plan.awaited_at->chunk && task->part.place == plan.awaited_at->place)
          at = std::min(at, task->sequence);
  }
  ring_at_.store(at);
  if (tasks_.size() < 2) return true;
  const Claim first = tasks_[1]->claim.load();
  return first != Claim::done && first != Claim::passed;
}

void ThreadWorker::tell(State state) noexcept {
  state_.store(state, std::memory_order_release);
  share_.bell.ring();
}

// Ordered as in channel::WorkerEnd: the end is published before this look, the agent looks after it asked.
void ThreadWorker::ring_if_asked(std::uint64_t sequence) noexcept {
  if (ring_at_.load() > sequence) return;
  ring_at_.store(never);
  share_.bell.ring();
}

// Spinning pays only while work keeps coming: the spell doubles when it helped and halves when it did not.
ThreadWorker::Task* ThreadWorker::wait_for(const Task& last) {
  constexpr int min_spins = 16, max_spins = 2048;
  const auto next = [&] { return last.next.load(std::memory_order_acquire); };
  for (int i = 0; i < spins_; ++i) {
    if (Task* const task = next()) {
      if (i > 0) spins_ = std::min(2 * spins_, max_spins);
      return task;
    }
    pause();
  }
  spins_ = std::max(spins_ / 2, min_spins);
  door_.wait_until([&] { return next() != nullptr || quits() || share_.leave.load(); });
  return next();
}

void ThreadWorker::use_cpus(std::span<const int> cpus) noexcept {
  if (const pid_t thread = thread_id_.load(); thread != 0) node::use_cpus(thread, cpus);
}

void ThreadWorker::run(const Task& first, const Prepare& prepare) {
  thread_id_.store(::gettid());
  const Task* last = &first;
  task::Surroundings here;
  const PoolSetup& setup = share_.options.setup;
  const task::AtShelf at_shelf(share_.shelf);
  Workplace place({stage_, *share_.options.stop, heeds_},
                  {setup.scratch, scratch_of_thread(setup.scratch), setup.job_end_wall_ns});
  words_ = prepare(here);
  tell(words_.empty() ? State::ready : State::unusable);
  while (words_.empty()) {
    Task* const task = wait_for(*last);
    if (task == nullptr || quits()) break;
    last = task;
    Claim queued = Claim::queued;
    if (!task->claim.compare_exchange_strong(queued, Claim::claimed)) {
      task->claim.store(Claim::passed);
      continue;
    }
    Stopwatch watch;
    task->end = run_attempt(task->head, 0, task->arguments, here, {task->result}, place, watch);
    const std::uint64_t sequence = task->sequence;
    task->claim.store(Claim::done);
    ring_if_asked(sequence);
  }
  here = {};
  if (words_.empty()) tell(State::ended);
}

}  // namespace acre::node

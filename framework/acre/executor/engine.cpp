#include <algorithm>

#include <acre/base/check.hpp>
#include <acre/channel/block.hpp>
#include <acre/executor/engine.hpp>
#include <acre/executor/task_row.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/pool.hpp>
#include <acre/task/failure.hpp>

namespace acre::executor {
namespace {
constexpr Duration longest_timeout = std::chrono::hours(24 * 365 * 100);  // beyond it, sums with it overflow

std::unique_ptr<observe::EventLog> log_of(const EngineOptions& options) {
  if (options.event_log.empty()) return nullptr;
  return std::make_unique<observe::EventLog>(options.event_log, options.policy, 0, options.number);
}

void refuse_in_task() {
  if (node::inside_task())
    throw WouldDeadlock("a task must not use an executor: return what should be done next, and submit it");
}
}  // namespace

void refuse_to_wait() {
  if (Callbacks::inside())
    throw WouldDeadlock(
        "a callback must not wait for a task: take its result with then, or wait in another thread");
  refuse_in_task();
}

Engine::Engine(EngineOptions options)
    : options_(std::move(options)),
      argument_memory_(has_processes(options_.start) ? &channel::BlockSource::here() : nullptr),
      dealer_(std::make_unique<node::Dealer>(options_.policy, log_of(options_))),
      background_([this] { background(); }) {}

Engine::~Engine() { ACRE_CHECK(stopping_, "an engine is shut down before its last handle goes"); }

// Whoever is inside a task may be the thread that others, or a lock that is held, wait for.
Engine::Lock Engine::enter() {
  refuse_in_task();
  Lock lock(mutex_, std::try_to_lock);
  if (lock.owns_lock()) return lock;
  ++entering_;
  lock.lock();
  --entering_;
  return lock;
}

void Engine::add_group(std::unique_ptr<node::MemberGroup> group) {
  const Lock lock = enter();
  dealer_->add_group(std::move(group));
}

bool Engine::full(std::size_t bytes) const {
  const std::uint64_t tasks = dealer_->undealt().tasks + gathered_.size();
  return tasks != 0 && (tasks >= options_.max_pending ||
                        dealer_->undealt().bytes + gathered_.bytes() + bytes > options_.max_pending_bytes);
}

std::optional<std::uint64_t> Engine::admit(std::size_t bytes, WhenFull when_full) {
  Lock lock = enter();
  return admit(lock, bytes, when_full);
}

std::optional<std::uint64_t> Engine::admit(Lock& lock, std::size_t bytes, WhenFull when_full) {
  if (full(bytes)) {
    progress();
    const bool waits = when_full == WhenFull::wait && !Callbacks::inside();
    if (waits)
      wait(
          lock, [&] { return !full(bytes); }, {.low_water = true, .awaited = {}}, Instant::never());
    if (when_full == WhenFull::refuse && full(bytes)) return {};
  }
  return indices_++;
}

StateHandle Engine::launch(node::TaskRequest& request, WhenFull when_full, MakeRow make_row) {
  Lock lock = enter();
  const auto index = admit(lock, request.arguments.size(), when_full);
  if (!index) return {};
  request.head.index = *index;
  StateHandle state;
  if (may_gather(request, make_row)) {
    state = gather(request, make_row);
  } else {
    const auto row = make_row(shared_from_this(), *index, 1);
    state = row->add();
    request.completion = row;
    row->set_task(submit_locked(std::move(request)));
  }
  look_in_passing();
  return state;
}

// Only what would wait here or at a worker anyhow: while more is ready than workers take, or tasks are so
// quick that the rest of a bunch is submitted in no time. Who drives the dealer would have to be woken for
// it. A row is of one type of results, also where a linker has made one of two functions that are alike.
bool Engine::may_gather(const node::TaskRequest& request, MakeRow make_row) const {
  constexpr Duration quick = std::chrono::microseconds(20);
  if (!gathered_.empty()) return gathered_in_ == make_row && gathered_.fits(request);
  const bool alone = !owned_ && waiting_ == 0 && attended_ == 0 && !Callbacks::inside();
  if (!alone || !Bunch::suits(request) || !dealer_->broken_words().empty()) return false;
  const schedule::Counts counts = dealer_->counts();
  if (counts.ready > 0) return true;
  const Duration time = dealer_->mean_task_time();
  return time > Duration::zero() && time <= quick && counts.held + counts.running >= dealer_->workers();
}

StateHandle Engine::gather(const node::TaskRequest& request, MakeRow make_row) {
  if (gathered_.empty()) {
    auto row = make_row(shared_from_this(), request.head.index, gathered_.places());
    gathered_.begin(dealer_->reserve(), std::move(row));
    gathered_in_ = make_row;
    if (!std::exchange(gathers_, true) && !hurries_) nap_.notify_one();
  }
  auto state = gathered_.add(request);
  if (gathered_.full()) deal_gathered();
  return state;
}

void Engine::deal_gathered() {
  if (gathered_.empty()) return;
  const TaskId range = gathered_.range();
  node::TaskRequest request = gathered_.take();
  fill_in(request);
  dealer_->submit_as(range, std::move(request));
}

TaskId Engine::submit(node::TaskRequest&& request) {
  const Lock lock = enter();
  return submit_locked(std::move(request));
}

// Whoever submits much reads results itself: another thread would fight with it for the lock, and what lies
// there unread grows cold.
void Engine::look_in_passing() {
  if (--submits_to_look_ > 0) return;
  submits_to_look_ = submits_per_look;
  looked_in_passing_ = true;
  if (progress() && waiting_ > 0) changed_.notify_all();
}

TaskId Engine::submit_locked(node::TaskRequest&& request) {
  heeded_ = false;  // a sleeping owner has not made this task visible: whoever waits next must ring
  if (Callbacks::inside()) {
    followed_ = true;
    nap_.notify_all();
  }
  deal_gathered();
  fill_in(request);
  if (options_.start == StartMethod::serial) {
    const TaskId task = dealer_->submit(std::move(request));
    while (busy() && progress()) continue;
    return task;
  }
  if (request.terms.priority == 0) return dealer_->submit(std::move(request));
  // What waits at a worker may have to make way, which needs to be known from what runs there.
  dealer_->watch_starts();
  progress();
  const TaskId task = dealer_->submit(std::move(request));
  progress();
  return task;
}

void Engine::fill_in(node::TaskRequest& request) const {
  request.terms.max_attempts = options_.max_attempts;
  std::int64_t& timeout_ns = request.terms.timeout_ns;
  timeout_ns = std::min<std::int64_t>(timeout_ns == 0 ? options_.task_timeout.count() : timeout_ns,
                                      longest_timeout.count());
  request.head.timeout_ns = timeout_ns;
}

void Engine::cancel(TaskId task, std::uint32_t place) {
  const Lock lock = enter();
  deal_gathered();
  dealer_->cancel_one(task, place);
  progress();  // local workers answer a recall at once
}

void Engine::cancel_all(const std::vector<TaskId>& tasks) {
  const Lock lock = enter();
  for (const TaskId task : tasks) dealer_->cancel({task});
  progress();  // local workers answer a recall at once
}

void Engine::locked(const std::function<void()>& look) {
  const Lock lock = enter();
  look();
}

bool Engine::running(TaskId task, std::uint32_t place) {
  const Lock lock = enter();
  dealer_->watch_starts();
  progress();
  return dealer_->begun(task, place);
}

// Errors of MPI or of the system: no task is to blame, and all must hear of it.
bool Engine::progress() {
  if (drain_soon_.load() && drain_soon_.exchange(false)) start_drain({});
  deal_gathered();
  try {
    if (unwanted_->any.load(std::memory_order_relaxed)) free_unwanted();
    return dealer_->progress();
  } catch (const std::exception& error) {
    dealer_->fail(error.what());
    return true;
  }
}

void Engine::start_drain(Instant deadline) {
  deal_gathered();
  if (deadline == Instant{}) drained_at_once_ = true;
  dealer_->drain(deadline);
}

// Who asks to end the run must go on listening, also while a serial task holds the lock.
void Engine::drain(Instant deadline) {
  Lock lock(mutex_, std::defer_lock);
  if (deadline == Instant{}) options_.stop->store(1);
  if (deadline == Instant{} && !lock.try_lock()) return drain_soon();
  if (!lock.owns_lock()) lock.lock();
  start_drain(deadline);
  wake_.ring();
}

bool Engine::out_of_time() {
  const Lock lock = enter();
  return (cut_short_ || dealer_->cut_short()) && !drained_at_once_;
}

// What has not started is cancelled, as local workers answer at once; the rest goes with the workers.
void Engine::end_tasks() {
  const Lock lock = enter();
  deal_gathered();
  dealer_->cancel_all();
  progress();
  dealer_->fail("the executor was shut down before the task could end");
}

void Engine::shutdown(bool cancel, Duration bound) {
  if (Callbacks::inside()) throw WouldDeadlock("a callback must not shut its executor down");
  if (cancel) end_tasks();
  wait([&] { return stopping_ || !busy(); }, {});
  locked([&] { dealer_->close(); });
  if (cancel)
    wait([&] { return stopping_ || !dealer_->heeds_stop(); }, {.any_result = true, .awaited = {}},
         now() + options_.grace);
  else
    wait([&] { return stopping_ || dealer_->closed(); }, {}, now() + bound);
  {
    Lock lock(mutex_);
    ++waiting_;
    wake_.ring();
    changed_.wait(lock, [&] { return !owned_; });
    --waiting_;
    if (std::exchange(stopping_, true)) return;
    deal_gathered();
    cut_short_ = dealer_->cut_short();
    const std::string words = "the executor was shut down";
    dealer_->fail(words);
    dealer_->drop_groups();
    before_ = dealer_->tally();
    // Futures may keep this engine for long: what tasks took goes now.
    dealer_ = std::make_unique<node::Dealer>();
    dealer_->fail(words);
    wake_ = channel::EventBell(channel::Descriptor{});
  }
  nap_.notify_all();
  background_.join();
  callbacks_.stop();
}

schedule::Counts Engine::counts() {
  const Lock lock = enter();
  deal_gathered();
  return dealer_->counts();
}

Statistics Engine::statistics() {
  const Lock lock = enter();
  deal_gathered();
  const schedule::Counts counts = dealer_->counts();
  const node::Tally& now = dealer_->tally();
  return {.workers = dealer_->workers(),
          .pending = counts.ready + counts.delayed,
          .held = counts.held + counts.recalling,
          .running = counts.running,
          .done = before_.done + now.done,
          .failed = before_.failed + now.failed,
          .cancelled = before_.cancelled + now.cancelled,
          .retried = before_.retried + now.retried,
          .workers_lost = before_.workers_lost + now.workers_lost,
          .pending_bytes = dealer_->undealt().bytes};
}

bool Engine::await_workers(Instant deadline) {
  const auto broken = [this] { return !dealer_->broken_words().empty(); };
  const bool ready = wait([&] { return broken() || dealer_->all_ready(); }, {.awaited = {}}, deadline);
  const Lock lock = enter();
  if (!broken()) return ready;
  TaskInfo failure;
  failure.message = dealer_->broken_words();
  throw ExecutorBroken("the executor cannot run tasks: " + failure.message, failure);
}

std::uint32_t Engine::workers() {
  const Lock lock = enter();
  return std::max(dealer_->workers(), options_.local_workers);
}

task::SharedHandle Engine::share(ByteView encoding, std::uint64_t offset) {
  static std::atomic<std::uint64_t> ids = 0;
  auto value = std::make_shared<const task::SharedValue>(++ids, encoding, offset, this);
  const Lock lock = enter();
  dealer_->share(value);
  return {value.get(), [value, unwanted = unwanted_](const task::SharedValue*) {
            const std::lock_guard guard(unwanted->mutex);
            unwanted->ids.push_back(value->place().id);
            unwanted->any = true;
          }};
}

void Engine::free_unwanted() {
  const std::lock_guard guard(unwanted_->mutex);
  unwanted_->any = false;
  for (const std::uint64_t id : std::exchange(unwanted_->ids, {})) dealer_->unshare(id);
}

void Engine::resize(int workers) {
  if (options_.start == StartMethod::serial)
    throw Error(
        "an executor with StartMethod::serial has one worker, the caller's own thread: it cannot be resized");
  if (workers < 1 || workers > node::most_workers)
    throw Error("an executor cannot be resized to " + std::to_string(workers) + " workers: take 1 to " +
                std::to_string(node::most_workers));
  const Lock lock = enter();
  if (!dealer_->broken_words().empty())
    throw Error("an executor that has ended cannot be resized: " + dealer_->broken_words());
  options_.local_workers = static_cast<std::uint32_t>(workers);
  dealer_->resize(options_.local_workers);
  wake_.ring();
}

void Engine::check(const task::Requirements& wanted) const {
  if (wanted.preloaded != nullptr) task::kept_as({nullptr, options_.preloaded}, *wanted.preloaded, "preload");
  if (wanted.per_worker != nullptr)
    task::kept_as({nullptr, options_.per_worker}, *wanted.per_worker, "initializer");
}

const std::string& Engine::host_of(std::int32_t rank) const {
  static const std::string unknown = "an unknown host";
  const auto place = static_cast<std::size_t>(rank);
  return place < options_.hosts.size() ? options_.hosts[place] : unknown;
}

std::uint64_t Engine::next_stage() {
  const Lock lock = enter();
  return ++stages_;
}

}  // namespace acre::executor

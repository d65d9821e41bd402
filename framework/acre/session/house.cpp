#include <algorithm>

#include <acre/base/error.hpp>
#include <acre/node/attempt.hpp>
#include <acre/node/fresh_start.hpp>
#include <acre/node/start_workers.hpp>
#include <acre/observe/say.hpp>
#include <acre/session/house.hpp>

namespace acre::session {

namespace {
// What a run needs after its last task: journals are flushed and result files closed.
constexpr Duration margin = std::chrono::seconds(5);

std::optional<Instant> deadline_of(const Plan& plan) {
  if (!plan.job_end_wall_ns) return std::nullopt;
  return now() + Duration(*plan.job_end_wall_ns - wall_clock_ns()) - margin;
}
}  // namespace

House::House(node::Zygote& zygote, Plan plan, RemoteGroups remote)
    : zygote_(zygote),
      plan_(std::move(plan)),
      remote_(std::move(remote)),
      deadline_(deadline_of(plan_)),
      watch_([this] { drain(); }, plan_.drain_descriptors) {}

House::~House() {
  for (const auto& engine : engines_) engine->shutdown(true);
}

namespace {

void refuse_nonsense(const ExecutorOptions& options) {
  constexpr int most_retries = 65534;
  if (options.workers < 0 || options.workers > node::most_workers)
    throw Error("an executor cannot have " + std::to_string(options.workers) + " workers: take 1 to " +
                std::to_string(node::most_workers) + ", or 0 for what the node offers");
  if (options.retries < 0 || options.retries > most_retries)
    throw Error("retries cannot be " + std::to_string(options.retries) +
                ": take 0, so that a lost task is not tried again, to " + std::to_string(most_retries));
  if (options.max_strikes < 0) throw Error("max_strikes cannot be negative: 0 means as many as attempts");
  if (options.retry_backoff < Duration::zero()) throw Error("retry_backoff cannot be negative");
  if (options.task_timeout && *options.task_timeout <= Duration::zero())
    throw Error("task_timeout must be more than nothing: leave it out for none");
  if (options.kill_grace < Duration::zero())
    throw Error("kill_grace cannot be negative: 0 means SIGKILL at once");
  if (options.threads_per_worker < 0)
    throw Error("threads_per_worker cannot be negative: 0 means 1, or OMP_NUM_THREADS");
  if (options.tasks_per_worker < 0) throw Error("tasks_per_worker cannot be negative: 0 means no limit");
  constexpr std::size_t most_bytes = std::size_t{1} << 60, least_bytes = std::size_t{1} << 20;
  if (options.memory_limit_bytes != 0 &&
      (options.memory_limit_bytes < least_bytes || options.memory_limit_bytes > most_bytes))
    throw Error("memory_limit_bytes cannot be " + std::to_string(options.memory_limit_bytes) +
                ": it is in bytes, at least a mebibyte (1 << 20); 0 means no limit");
  if (options.max_pending == 0 || options.max_pending_bytes == 0)
    throw Error("max_pending and max_pending_bytes must be more than nothing: leave them out for the usual");
  if (!(options.speculate_after >= 0)) throw Error("speculate_after cannot be negative: 0 means never");
}

// What would have to be ignored is refused.
void refuse_what_threads_cannot(const ExecutorOptions& options) {
  if (has_processes(options.start)) return;
  const auto refuse = [](bool wanted, const std::string& option) {
    if (wanted)
      throw Error(option +
                  " needs workers that are processes, as nothing can end a thread: leave it out, or take "
                  "StartMethod::fork or spawn");
  };
  refuse(options.task_timeout.has_value(), "task_timeout");
  refuse(options.speculate_after != 0, "speculate_after");
  refuse(options.memory_limit_bytes != 0, "memory_limit_bytes");
  refuse(options.tasks_per_worker != 0, "tasks_per_worker");
  if (options.threads_per_worker != 0)
    throw Error(
        "threads_per_worker needs workers that are processes, as OpenMP and BLAS have one limit for each: "
        "leave it out, or take StartMethod::fork or spawn");
  if (options.start == StartMethod::serial && options.workers > 1)
    throw Error(
        "StartMethod::serial has one worker, the caller's own thread: leave workers out, or take threads");
}

schedule::Policy policy_of(const ExecutorOptions& options) {
  schedule::Policy policy = node::executor_policy();
  policy.backoff = options.retry_backoff;
  policy.speculate_after = options.speculate_after;
  if (options.max_strikes > 0) policy.max_strikes = static_cast<std::uint32_t>(options.max_strikes);
  return policy;
}

}  // namespace

node::PoolSetup House::setup_of(const ExecutorOptions& options) const {
  node::PoolSetup setup;
  setup.has_preload = static_cast<bool>(options.preload);
  setup.has_initializer = static_cast<bool>(options.initializer);
  setup.preload = options.preload.function;
  setup.initializer = options.initializer.function;
  setup.preload_arguments = options.preload.arguments;
  setup.initializer_arguments = options.initializer.arguments;
  setup.cpus = plan_.cpus;
  setup.start = options.start;
  setup.program = node::program_name();
  setup.threads_per_worker = options.threads_per_worker;
  setup.tasks_per_worker = static_cast<std::uint32_t>(options.tasks_per_worker);
  setup.memory_limit_bytes = static_cast<std::int64_t>(options.memory_limit_bytes);
  setup.grace_ns = options.kill_grace.count();
  setup.job_end_wall_ns = plan_.job_end_wall_ns.value_or(0);
  return setup;
}

int House::workers_here(const ExecutorOptions& options) const {
  if (options.start == StartMethod::serial) return 1;
  if (options.workers > 0) return options.workers;
  const launch::WorkerCount count =
      launch::workers_within(plan_.offer, options.memory_per_worker_bytes, options.threads_per_worker);
  if (!count.note.empty()) observe::say(count.note + " (on host " + plan_.hosts.front() + ")");
  return count.workers;
}

std::shared_ptr<executor::Engine> House::open(const ExecutorOptions& options) {
  refuse_nonsense(options);
  refuse_what_threads_cannot(options);
  if (node::inside_task()) throw WouldDeadlock("a task must not make an executor");
  const node::PoolSetup setup = setup_of(options);
  const int workers = workers_here(options);
  const std::lock_guard lock(mutex_);
  const std::uint32_t number = ++executors_;
  executor::EngineOptions made{.seed = options.seed,
                               .max_attempts = static_cast<std::uint32_t>(options.retries) + 1,
                               .grace = options.kill_grace,
                               .task_timeout = options.task_timeout.value_or(Duration::zero()),
                               .policy = policy_of(options),
                               .event_log = {},
                               .number = number,
                               .local_workers = static_cast<std::uint32_t>(workers),
                               .cores = static_cast<std::uint32_t>(plan_.cpus.size()),
                               .max_pending = options.max_pending,
                               .max_pending_bytes = options.max_pending_bytes,
                               .start = options.start,
                               .hosts = plan_.hosts,
                               .preloaded = options.preload.result,
                               .per_worker = options.initializer.result};
  if (!plan_.event_log.empty()) made.event_log = observe::event_log_path(plan_.event_log, 0, number);
  auto engine = std::make_shared<executor::Engine>(std::move(made));
  engines_.push_back(engine);  // before anything can throw: whoever made an engine shuts it down
  engine->add_group(node::start_workers(zygote_, {.workers = static_cast<std::uint32_t>(workers),
                                                  .rank = 0,
                                                  .host = plan_.hosts.front(),
                                                  .stop = engine->options().stop,
                                                  .setup = setup}));
  if (remote_ && options.start != StartMethod::serial)
    for (auto& group : remote_(setup, options, engine->options())) engine->add_group(std::move(group));
  if (deadline_) engine->drain(*deadline_);
  if (draining_) engine->drain();
  return engine;
}

bool House::out_of_time() {
  const std::lock_guard lock(mutex_);
  return std::any_of(engines_.begin(), engines_.end(),
                     [](const auto& engine) { return engine->out_of_time(); });
}

void House::drain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (const auto& engine : engines_) engine->drain();
}

}  // namespace acre::session

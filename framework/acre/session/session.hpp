// The session: what this run has, and the place where executors and campaigns are made of their parts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <acre/campaign/cache.hpp>
#include <acre/campaign/campaign.hpp>
#include <acre/executor/executor.hpp>
#include <acre/node/start_method.hpp>
#include <acre/task/hook.hpp>

namespace acre {

/// How an executor is made.
struct ExecutorOptions {
  int workers = 0;  ///< workers on each node; 0: ACRE_WORKERS, or what the node offers
  /// Threads and serial tasks cannot be ended: options for that (task_timeout, speculate_after) are refused.
  StartMethod start = StartMethod::fork;
  /// What each worker is expected to need, in bytes: a number of workers that is left open then is no more
  /// than fit into 0.9 of the memory of each node (the machine's, the cgroups' and Slurm's limits), but at
  /// least one. 0: memory does not count.
  std::size_t memory_per_worker_bytes = 0;
  Hook preload = {};  ///< run once on each node, before its workers are forked: they share what it returns
  Hook initializer = {};     ///< run once in each worker; what it returns belongs to that worker
  int retries = 2;           ///< further attempts of a task whose worker died
  Duration retry_backoff{};  ///< wait before the first of them, doubled for each further one, up to a minute
  int max_strikes =
      0;  ///< workers that one task may end before it is quarantined; 0: as many as it has attempts
  std::optional<Duration> task_timeout = {};  ///< a worker that runs one task longer is ended: TaskTimeout
  /// A worker that is to end gets SIGTERM, which a task may handle to tidy up, and SIGKILL so much later.
  Duration kill_grace = std::chrono::seconds(1);
  /// Of each worker's own memory, which no other process shares (Private_Dirty), in bytes: a worker beyond it
  /// is killed, and its task has lost an attempt; one beyond 0.7 of it is replaced between two tasks. 0:
  /// none.
  std::size_t memory_limit_bytes = 0;
  /// Threads of OpenMP and BLAS in each worker, which shares out the node's CPUs among fewer workers unless
  /// their number is given; 0: as OMP_NUM_THREADS and its like say, or else 1.
  int threads_per_worker = 0;
  int tasks_per_worker =
      0;  ///< a worker is replaced after so many, for tasks that leave things behind; 0: never
  /// Idle workers repeat tasks that have run so many mean task times, and the first result counts; 0: never.
  /// Tasks with side effects may have them twice.
  double speculate_after = 0;
  std::uint64_t seed = 0;  ///< of the random streams of its tasks
  /// Bounds of input that waits to be dealt, in tasks and in bytes of encoded arguments: submit() beyond them
  /// waits for room, but one task always has room. Maps have bounds of their own: see MapOptions.
  std::size_t max_pending = 1'000'000;
  /// See max_pending.
  std::size_t max_pending_bytes = std::size_t{256} << 20;
};

namespace session {
class House;
}

/// What acre::run hands to the program. Used from the program's threads; lives until the program returns.
class Session {
 public:
  /// Made by acre::run.
  explicit Session(session::House& house) : house_(house) {}

  /// Starts workers on all nodes of this run. Returns at once, tasks can be submitted before the workers are
  /// ready; throws acre::Error on options that cannot be. Any thread.
  Executor executor(const ExecutorOptions& options = {});

  /// Opens the campaign whose result file is `path`. Throws acre::Error if it cannot be opened this way, if
  /// the file is not acre's or of another campaign, or if another run holds it. Any thread.
  Campaign campaign(const std::string& path, const CampaignOptions& options);

  /// Opens the cache that is the file `path`, or makes it; see acre::cached. Throws acre::Error if the file
  /// is something else, or another run holds it. Any thread.
  Cache cache(const std::string& path, const CacheOptions& options = {});

  /// Nodes of this run.
  int nodes() const;
  /// Workers that an executor with default options gets on this node.
  int default_workers() const;
  /// Workers that keep this node's CPUs busy when tasks also wait, for files or for other machines, and wait
  /// so many times as long as they compute: N = CPUs × (1 + wait / compute), rounded, from 1 to 4096 (B.
  /// Goetz et al., Java Concurrency in Practice, 2006, section 8.2, with a utilisation of 1). CPUs is the
  /// number of default_workers() without ACRE_WORKERS. Any thread. Throws acre::Error for less than 0 and for
  /// NaN.
  int workers_for(double wait_over_compute) const;

 private:
  session::House& house_;
};

}  // namespace acre

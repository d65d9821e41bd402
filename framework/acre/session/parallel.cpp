#include <algorithm>

#include <acre/session/parallel.hpp>

namespace acre {

Executor parallel_executor(Session& session, const ParallelOptions& options) {
  if (options.n_jobs == 0)
    throw Error(
        "n_jobs cannot be 0: take 1 for a serial loop, -1 for all workers, or how many there are to be");
  if (options.n_jobs == 1) return session.executor({.start = StartMethod::serial});
  ExecutorOptions made{.start = options.start};
  if (options.n_jobs > 0) made.workers = options.n_jobs;
  if (options.n_jobs < -1) made.workers = std::max(1, session.default_workers() + 1 + options.n_jobs);
  if (made.start == StartMethod::serial) made.workers = 0;
  return session.executor(made);
}

}  // namespace acre

// What a node offers to executors that leave their number of workers open.
#pragma once

#include <cstdint>
#include <string>

#include <acre/launch/environment.hpp>
#include <acre/launch/settings.hpp>

namespace acre::launch {

/// What a node offers.
struct Offer {
  int cpus = 1;                    ///< what default_workers() says of it
  int workers = 1;                 ///< the same, or ACRE_WORKERS
  bool workers_are_set = false;    ///< by ACRE_WORKERS: no need for memory changes them
  std::uint64_t memory_bytes = 0;  ///< for all workers
};

/// The offer of this node, of which this program's ranks may use so many CPUs. Any thread; reads files.
/// Throws acre::Error if the system does not tell, or if Slurm's number is not one.
Offer offer_of(const Environment& environment, const Settings& settings, int allowed_cpus, int ranks);

/// A number of workers, and what the person at the terminal should know of it; mostly nothing.
struct WorkerCount {
  int workers = 1;
  std::string note;
};

/// The workers of an executor that leaves their number open: as offered, but each with CPUs for its threads
/// (0: one), and no more than fit into 0.9 of the memory if each needs so many bytes (0: unknown); at least
/// one, with a note if not even one fits. Any thread.
WorkerCount workers_within(const Offer& offer, std::uint64_t memory_per_worker_bytes,
                           int threads_per_worker = 1);

}  // namespace acre::launch

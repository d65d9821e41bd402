#include <algorithm>

#include <fmt/format.h>

#include <acre/launch/cpus.hpp>
#include <acre/launch/node_memory.hpp>
#include <acre/launch/offer.hpp>

namespace acre::launch {

Offer offer_of(const Environment& environment, const Settings& settings, int allowed_cpus, int ranks) {
  const CgroupTexts texts = read_cgroup_texts();
  const int cpus = default_workers(
      environment, {.allowed_cpus = allowed_cpus, .quota_cpus = cpu_quota(texts), .ranks = ranks});
  return {cpus, settings.workers.value_or(cpus), settings.workers.has_value(),
          node_memory_bytes(environment, texts, allowed_cpus)};
}

WorkerCount workers_within(const Offer& offer, std::uint64_t memory_per_worker_bytes,
                           int threads_per_worker) {
  constexpr double gibibyte = 1024.0 * 1024.0 * 1024.0;
  if (offer.workers_are_set) return {offer.workers, {}};
  const int workers = std::max(offer.workers / std::max(threads_per_worker, 1), 1);
  if (memory_per_worker_bytes == 0) return {workers, {}};
  const std::uint64_t usable = offer.memory_bytes - offer.memory_bytes / 10;  // the rest is the system's
  const std::uint64_t fitting = usable / memory_per_worker_bytes;
  if (fitting >= static_cast<std::uint64_t>(workers)) return {workers, {}};
  if (fitting > 0) return {static_cast<int>(fitting), {}};
  return {1, fmt::format("note: a worker needs {:.1f} GiB, but this node has {:.1f} GiB for all of them: "
                         "one worker is started all the same",
                         static_cast<double>(memory_per_worker_bytes) / gibibyte,
                         static_cast<double>(usable) / gibibyte)};
}

}  // namespace acre::launch

#include <hwloc.h>

#include <climits>
#include <memory>
#include <type_traits>

#include <acre/node/placement.hpp>

namespace acre::node {
namespace {
using Places = std::vector<std::vector<int>>;

struct Free {
  void operator()(hwloc_topology_t topology) const noexcept { hwloc_topology_destroy(topology); }
  void operator()(hwloc_bitmap_t bitmap) const noexcept { hwloc_bitmap_free(bitmap); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, Free>;
using Bitmap = std::unique_ptr<std::remove_pointer_t<hwloc_bitmap_t>, Free>;

/// The topology of those CPUs; nothing if hwloc cannot look, or does not know all of them.
Topology topology_of(std::span<const int> cpus, const std::string& synthetic) {
  hwloc_topology_t made = nullptr;
  if (hwloc_topology_init(&made) != 0) return nullptr;
  Topology topology(made);
  if (!synthetic.empty() && hwloc_topology_set_synthetic(made, synthetic.c_str()) != 0) return nullptr;
  // Otherwise hwloc would move the calling thread from CPU to CPU to ask each one, which takes its time on a
  // busy machine.
  hwloc_topology_set_flags(made, HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
  if (hwloc_topology_load(made) != 0) return nullptr;
  const Bitmap wanted(hwloc_bitmap_alloc());
  for (const int cpu : cpus) hwloc_bitmap_set(wanted.get(), static_cast<unsigned>(cpu));
  if (!hwloc_bitmap_isincluded(wanted.get(), hwloc_topology_get_topology_cpuset(made))) return nullptr;
  if (hwloc_topology_restrict(made, wanted.get(), 0) != 0) return nullptr;
  return topology;
}

/// Each worker's part of the tree of packages, caches and cores, as even as the tree lets it be.
Places parts_of(const Topology& topology, std::uint32_t workers) {
  std::vector<hwloc_cpuset_t> sets(workers, nullptr);
  hwloc_obj_t root = hwloc_get_root_obj(topology.get());
  hwloc_distrib(topology.get(), &root, 1, sets.data(), workers, INT_MAX, 0);
  Places places;
  for (const hwloc_cpuset_t set : sets) {
    const Bitmap owned(set);
    std::vector<int>& place = places.emplace_back();
    for (int cpu = hwloc_bitmap_first(set); cpu >= 0; cpu = hwloc_bitmap_next(set, cpu)) place.push_back(cpu);
  }
  return places;
}

/// Runs of neighbours.
Places even_shares(std::span<const int> cpus, std::uint32_t workers) {
  Places places;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    const std::size_t first = worker * cpus.size() / workers;
    const std::size_t end = (worker + 1) * cpus.size() / workers;
    const auto share = cpus.subspan(first, end - first);
    places.emplace_back(share.begin(), share.end());
  }
  return places;
}
}  // namespace

std::vector<std::vector<int>> places_of(std::span<const int> cpus, std::uint32_t workers,
                                        const std::string& topology) {
  if (workers > cpus.size()) return Places(workers);
  // With a CPU each there is nothing to choose, and no time to lose: a program's first result waits for it.
  if (workers == cpus.size()) return even_shares(cpus, workers);
  const Topology tree = topology_of(cpus, topology);
  return tree ? parts_of(tree, workers) : even_shares(cpus, workers);
}

}  // namespace acre::node

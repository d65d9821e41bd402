// Which CPUs each worker of a node is bound to.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace acre::node {

/// The CPUs of each of `workers` workers: spread over packages, caches and cores before hyperthreads, with
/// shares of the CPUs that are disjoint and leave none out; one each if there are as many CPUs. Empty lists,
/// for no binding, if there are more workers than CPUs. `topology` describes another machine than this one,
/// as hwloc's synthetic topologies do ("package:2 core:4 pu:2"). Blocks for milliseconds while hwloc looks at
/// the machine, but only if there are fewer workers than CPUs. Any thread.
std::vector<std::vector<int>> places_of(std::span<const int> cpus, std::uint32_t workers,
                                        const std::string& topology = {});

}  // namespace acre::node

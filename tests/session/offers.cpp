// offers [NEED-MIB [WORKERS]]: what a session offers, and how many workers an executor gets on each node.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include <acre/acre.hpp>

#include "cluster/places.hpp"

namespace acre::test {
namespace {

void tell_workers_for(Session& session, double wait_over_compute) {
  try {
    fmt::print(" {}", session.workers_for(wait_over_compute));
  } catch (const Error& error) {
    fmt::print("; {}", error.what());
  }
}

// The most workers that answered on one node.
std::size_t most_workers(Session& session, Executor& executor) {
  await_nodes(executor, session.nodes());
  std::map<int, std::set<int>> workers;
  constexpr int tasks = 2000;
  std::vector<Future<Place>> futures;
  for (int i = 0; i < tasks; ++i) futures.push_back(executor.submit<place>());
  for (const Future<Place>& future : futures) {
    const Place there = future.get();
    workers[there.agent].insert(there.worker);
  }
  std::size_t most = 0;
  for (const auto& [agent, on_node] : workers) most = std::max(most, on_node.size());
  return most;
}
}  // namespace
}  // namespace acre::test

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) {
    if (argc == 1) {
      fmt::print("{} workers, waiting:", session.default_workers());
      for (const double wait : {0.0, 1.0, 0.7, 1e9, -1.0, std::nan("")})
        acre::test::tell_workers_for(session, wait);
      fmt::print("\n");
      return 0;
    }
    const std::size_t need = std::strtoull(argv[1], nullptr, 10) << 20;
    const int workers = argc > 2 ? std::atoi(argv[2]) : 0;
    auto executor = session.executor({.workers = workers, .memory_per_worker_bytes = need});
    fmt::print("{}\n", acre::test::most_workers(session, executor));
    return 0;
  });
}

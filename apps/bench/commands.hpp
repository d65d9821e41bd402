// The subcommands of acre-bench: each measures one thing and prints it.
#pragma once

#include "measure.hpp"

namespace bench {

/// What chaos is made of.
struct ChaosOptions {
  std::uint64_t deaths = 10'000, tasks = 1'000'000, seed = 1;
  int workers = 2;
};
/// Whether nothing was lost, doubled, different or leaked while workers died.
bool chaos(acre::Session& session, const ChaosOptions& options);

void bandwidth(acre::Session& session, const Options& options);
void efficiency(acre::Session& session, const Options& options);
void kernel(acre::Session& session, const Options& options);
void map(acre::Session& session, const Options& options);
void metg(acre::Session& session, const Options& options);
void pending(acre::Session& session, const Options& options);
void preload(acre::Session& session, const Options& options);
void replace(acre::Session& session, const Options& options);
void results(acre::Session& session, const Options& options);
void round_trip(acre::Session& session, const Options& options);
void scheduler(acre::Session& session, const Options& options);
void shell(acre::Session& session, const Options& options);
void simulated(acre::Session& session, const Options& options);
void speedup(acre::Session& session, const Options& options);
void startup(acre::Session& session, const Options& options);
void submit(acre::Session& session, const Options& options);
void tiles(acre::Session& session, const Options& options);
/// One task and its result; what startup starts as a program of its own.
void first(acre::Session& session, const Options& options);

}  // namespace bench

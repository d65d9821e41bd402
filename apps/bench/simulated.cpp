// The real scheduler over very many workers, under a virtual clock.
#include <acre/simulate/study.hpp>

#include "commands.hpp"

namespace bench {

// Once: the same on every machine. The larger tree takes a quarter of an hour and 5 GB.
void simulated(acre::Session&, const Options& options) {
  Figure figure("simulated efficiency, 1 ms tasks, uniform", "");
  acre::simulate::StudyCase what{.tree = {256, 64}};
  if (options.large) what.tree = {128, 128, 64};
  what.tasks_per_worker = options.scaled(what.tasks_per_worker);
  figure.at(static_cast<double>(what.workers()), "workers");
  figure.add(acre::simulate::study_tree(what).efficiency);
  figure.print(options);
}

}  // namespace bench

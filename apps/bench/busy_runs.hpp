// A farm kept busy with calibrated tasks: how much of the cores' time is work, and how short tasks may be.
#pragma once

#include "busy.hpp"
#include "measure.hpp"

namespace bench {

/// How long the tasks of a run are.
struct Load {
  double task_us = 0;       ///< the mean
  bool uniform = false;     ///< uniform in (0, 2 task_us); else all alike
  double run_us = 200'000;  ///< of the whole run, at least
};

/// What came of a run.
struct Yield {
  double efficiency = 0;      ///< ideal time / time
  double granularity_us = 0;  ///< time × cores / tasks
};

/// Runs of a farm whose tasks are counted turns of a loop, not a watched clock, so that sharing a core cannot
/// pass for work. The ideal is what as many busy processes as there are cores turn at once, measured anew
/// before and after each run; all cores count, those of agents and of the calling program too.
class BusyRuns {
 public:
  /// `farm` does turn(n) in a task for each n it is given, and returns when all have ended. `suffix` ends the
  /// names of the figures.
  using Farm = std::function<void(const std::vector<std::uint64_t>& turns)>;
  BusyRuns(const Options& options, std::string suffix, Farm farm);

  /// Prints the efficiency for tasks like this.
  void efficiency(const Load& load);
  /// Prints the efficiencies by which farms are compared.
  void efficiencies();
  /// Prints METG(50 %), unless even tasks of a millisecond do not keep the cores half busy.
  void metg();
  /// Prints the efficiency for task times from 1 ms down to an eighth of a microsecond, of three runs.
  void curve();
  /// Prints what other work took of the cores while ideals were measured.
  void taken() const { taken_.print(options_); }

 private:
  struct Least {
    double task_us, granularity_us;
  };
  std::vector<std::uint64_t> tasks_of(const Load& load, double turns_per_us) const;
  double calibrate();
  Yield run(const Load& load);
  std::optional<Least> search();
  void figure(const std::string& name, const Load& load, int runs);

  Options options_;
  std::string suffix_;
  Farm farm_;
  Figure taken_;
  double turns_per_us_ = 0;  ///< as measured last
};

}  // namespace bench

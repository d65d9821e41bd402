// acre's scheduler in simulated clusters: one seed, many of them, or every order of events in small cases.
#include <fmt/format.h>

#include <acre/base/time.hpp>
#include <acre/simulate/enumeration.hpp>
#include <acre/simulate/sweep.hpp>
#include <acre/simulate/words.hpp>
#include <csignal>
#include <limits>

#include "options.hpp"
#include "replay_command.hpp"
#include "study_command.hpp"

namespace simulate {
namespace {

using namespace acre::simulate;

// A broken check inside the scheduler aborts; this says under which seed, and what led to it.
void say_seed(int) {
  const std::string text = running_seed();
  if (!text.empty()) fmt::print("{}\n", text);
  std::fflush(stdout);
}

double seconds_since(acre::Instant begin) {
  return std::chrono::duration<double>(acre::now() - begin).count();
}

int run_one(const Options& options) {
  fmt::print("{}", words(draw_parameters(options.first)));
  std::fflush(stdout);
  const std::size_t traced = options.trace ? std::numeric_limits<std::size_t>::max() : 30;
  const Verdict verdict = run_seed(options.first, traced);
  fmt::print("{}", verdict.trace);
  if (!verdict.broken.empty()) {
    fmt::print("seed {}: {}\n", options.first, verdict.broken);
    return 1;
  }
  fmt::print("seed {}: ok, {} tasks, {} events, virtual time {}\n", options.first, verdict.summary.tasks,
             verdict.summary.events, words(acre::Duration(verdict.summary.end.ns)));
  return 0;
}

int run_many(const Options& options) {
  const acre::Instant begin = acre::now();
  const Totals totals = sweep(options.first, options.end, options.threads, [](const Verdict& verdict) {
    fmt::print("seed {}: {}\n", verdict.seed, verdict.broken);
  });
  fmt::print("{} seeds, {} failed, {} tasks, {} events, {:.0f} seeds/s\n", totals.seeds, totals.failed,
             totals.tasks, totals.events, static_cast<double>(totals.seeds) / seconds_since(begin));
  return totals.failed == 0 ? 0 : 1;
}

int enumerate_all() {
  int status = 0;
  for (const Case& small : small_cases()) {
    const acre::Instant begin = acre::now();
    const Enumerated result = enumerate(small);
    fmt::print("{}{}: {} endings, {} steps, {:.1f} s{}{}\n", result.trace, small.name, result.endings,
               result.steps, seconds_since(begin), result.broken.empty() ? "" : ": ", result.broken);
    std::fflush(stdout);
    if (!result.broken.empty()) status = 1;
  }
  return status;
}

int run(const Options& options) {
  std::signal(SIGABRT, say_seed);
  switch (options.task) {
    case Task::seed:
      return run_one(options);
    case Task::sweep:
      return run_many(options);
    case Task::replay:
      return replay_command(options.log, options.print);
    case Task::study:
      return study_command(options.large, options.threads);
    case Task::enumerate:
      break;
  }
  return enumerate_all();
}

}  // namespace
}  // namespace simulate

int main(int argc, char** argv) {
  const simulate::Parsed parsed = simulate::parse(argc, argv);
  return parsed.go_on ? simulate::run(parsed.options) : parsed.status;
}

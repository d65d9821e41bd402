// acre-bench: what acre costs on this machine.
#include <CLI/CLI.hpp>

#include "measure.hpp"

namespace {

void add_chaos(CLI::App& app, acre::Session& session, const bench::Options& options, int& status) {
  const auto chaos = std::make_shared<bench::ChaosOptions>();
  CLI::App* command = app.add_subcommand("chaos", "workers die at random while results are compared");
  command->add_option("--deaths", chaos->deaths, "workers that die")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command->add_option("--tasks", chaos->tasks, "tasks that must come out right")
      ->check(CLI::Range(100, 1'000'000'000))
      ->capture_default_str();
  command->add_option("--seed", chaos->seed, "of what is random")->capture_default_str();
  command->final_callback([&session, &options, &status, chaos] {
    chaos->workers = options.workers;
    status = bench::chaos(session, *chaos) ? 0 : 1;
  });
}

int run(int argc, char** argv, acre::Session& session) {
  CLI::App app("What acre costs on this machine: medians of several runs.", "acre-bench");
  bench::Options options;
  app.add_option("--runs", options.runs, "runs of each figure")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "workers on each node")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.require_subcommand(1);
  app.fallthrough();
  const auto add = [&](const char* name, const char* what, const std::function<void()>& measure) {
    app.add_subcommand(name, what)->final_callback(measure);
  };
  app.add_flag("--large", options.large, "scheduler: also 10^8 single tasks, which takes 8 GB of memory");
  add("kernel", "the pi kernel against scalar Random123", [&] { bench::kernel(options); });
  add("roundtrip", "one task in flight", [&] { bench::round_trip(session, options); });
  add("submit", "single submits, then results", [&] { bench::submit(session, options); });
  add("map", "map of a trivial function", [&] { bench::map(session, options); });
  add("efficiency", "workers kept busy with calibrated tasks", [&] { bench::efficiency(session, options); });
  add("startup", "an executor to its first result", [&] { bench::startup(session, options); });
  add("scheduler", "the scheduler itself: time and memory of a task", [&] { bench::scheduler(options); });
  add("results", "recording: journal and HDF5 file", [&] { bench::results(session, options); });
  int status = 0;
  add_chaos(app, session, options, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return status;
}
}  // namespace

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) { return run(argc, argv, session); });
}

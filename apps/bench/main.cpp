// acre-bench: what acre costs on this machine.
#include <CLI/CLI.hpp>

#include <array>

#include "commands.hpp"

namespace {

struct Command {
  const char *name, *what;
  void (*measure)(acre::Session& session, const bench::Options& options);
};

constexpr std::array commands{
    Command{"roundtrip", "one task in flight", bench::round_trip},
    Command{"submit", "single submits, then results", bench::submit},
    Command{"map", "map of a trivial function", bench::map},
    Command{"metg", "the shortest tasks that keep the cores half busy", bench::metg},
    Command{"efficiency", "cores kept busy with calibrated tasks", bench::efficiency},
    Command{"bandwidth", "a matrix to a task and back", bench::bandwidth},
    Command{"preload", "memory of workers that share a preload", bench::preload},
    Command{"replace", "a worker that has died", bench::replace},
    Command{"startup", "a program, and an executor, to the first result", bench::startup},
    Command{"shell", "a thousand commands of the system as tasks", bench::shell},
    Command{"results", "recording: journal and HDF5 file", bench::results},
    Command{"pending", "memory of a task that waits", bench::pending},
    Command{"tiles", "a product of matrices by tiles", bench::tiles},
    Command{"speedup", "pi and tiles over more and more workers", bench::speedup},
    Command{"kernel", "the pi kernel against scalar Random123", bench::kernel},
    Command{"scheduler", "the scheduler itself: time and memory of a task", bench::scheduler},
    Command{"simulated", "the scheduler over very many workers, virtual time", bench::simulated},
    Command{"first", "what startup starts", bench::first},
};

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

void add_options(CLI::App& app, bench::Options& options) {
  app.add_option("--runs", options.runs, "runs of each figure")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "workers on each node; as many as there are cores unless told")
      ->check(CLI::Range(1, 4096));
  app.add_option("--cores", options.cores, "cores of all nodes together, if nodes share a machine")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--scale", options.scale, "part of the usual work, for trying out")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  app.add_option("--system", options.system, "what JSON objects call that which is measured")
      ->capture_default_str();
  app.add_flag("--json", options.json, "one JSON object per line instead of a table");
  app.add_flag("--large", options.large,
               "scheduler, pending: 10^8 tasks, up to 8 GB; simulated: a million workers");
}

int run(int argc, char** argv, acre::Session& session) {
  CLI::App app("What acre costs on this machine: medians of several runs.", "acre-bench");
  bench::Options options;
  int status = 0;
  add_options(app, options);
  app.require_subcommand(1);
  app.fallthrough();
  app.parse_complete_callback([&] {
    options.local_cores = session.default_workers();
    if (options.workers == 0) options.workers = options.local_cores;
    if (options.cores == 0) options.cores = options.local_cores * session.nodes();
  });
  for (const Command& command : commands)
    app.add_subcommand(command.name, command.what)->final_callback([&session, &options, command] {
      command.measure(session, options);
    });
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

// acre-bench-textbook: the master/worker loop of the textbooks over MPI, with a window of tasks on each
// worker; rank 0 deals, all others work.
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <acre/cluster/mpi.hpp>
#include <cstdio>
#include <thread>

#include "busy_runs.hpp"

namespace {

enum Tag { task = 1, rest, stop };

void send(std::uint64_t value, int rank, int tag) {
  MPI_Send(&value, 1, MPI_UINT64_T, rank, tag, MPI_COMM_WORLD);
}

// A worker that is told to rest does not spin until there is something to do: the master calibrates.
void work() {
  std::uint64_t value = 0;
  MPI_Status status;
  while (true) {
    MPI_Recv(&value, 1, MPI_UINT64_T, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    if (status.MPI_TAG == stop) return;
    if (status.MPI_TAG == task) send(bench::turn(value), 0, task);
    int there = status.MPI_TAG == task ? 1 : 0;
    while (there == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      MPI_Iprobe(0, MPI_ANY_TAG, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    }
  }
}

class Master {
 public:
  explicit Master(int workers) : workers_(workers) {}

  /// Deals a task for each item: as many as the window to each worker, then one for each result.
  void deal(const std::vector<std::uint64_t>& items) {
    std::size_t next = 0, done = 0;
    for (int round = 0; round < window; ++round)
      for (int rank = 1; rank <= workers_ && next < items.size(); ++rank) send(items[next++], rank, task);
    while (done < items.size()) {
      std::uint64_t result = 0;
      MPI_Status status;
      MPI_Recv(&result, 1, MPI_UINT64_T, MPI_ANY_SOURCE, task, MPI_COMM_WORLD, &status);
      ++done;
      if (next < items.size()) send(items[next++], status.MPI_SOURCE, task);
    }
  }
  void tell(Tag tag) {
    for (int rank = 1; rank <= workers_; ++rank) send(0, rank, tag);
  }

  int window = 2;  ///< tasks on each worker

 private:
  int workers_;
};

void measure(Master& master, const bench::Options& options) {
  bench::Figure trip("round trip", "us"), submits("submits", "tasks/s");
  const auto trips = options.scaled<std::uint64_t>(20'000);
  const std::vector<std::uint64_t> items(options.scaled<std::size_t>(300'000), 0);
  master.deal(items);
  for (int run = 0; run < options.runs; ++run) {
    trip.add(1e6 / static_cast<double>(trips) * bench::seconds([&] {
               for (std::uint64_t i = 0; i < trips; ++i) master.deal({0});
             }));
    submits.add(static_cast<double>(items.size()) / bench::seconds([&] { master.deal(items); }));
  }
  trip.print(options);
  submits.print(options);
  master.tell(rest);
  bench::BusyRuns runs(options, " of submits", [&](const auto& turns) {
    master.deal(turns);
    master.tell(rest);
  });
  runs.efficiencies();
  runs.metg();
  runs.curve();
  runs.taken();
}

int lead(Master& master, int ranks, int argc, char** argv) {
  bench::Options options{.cores = 2};
  CLI::App app("The textbook's master/worker loop over MPI: mpirun -n 3 acre-bench-textbook",
               "acre-bench-textbook");
  app.add_option("--window", master.window, "tasks on each worker")->check(CLI::Range(1, 1000));
  app.add_option("--cores", options.cores, "of all nodes together")->check(CLI::Range(1, 1'000'000));
  app.add_option("--runs", options.runs, "runs of each figure")->check(CLI::Range(1, 1000));
  app.add_option("--scale", options.scale, "part of the usual work")->check(CLI::Range(1e-6, 1.0));
  app.add_flag("--json", options.json, "one JSON object per line instead of a table");
  try {
    app.parse(argc, argv);
    if (ranks < 2) throw CLI::ValidationError("textbook", "start it with mpirun on two ranks or more");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.local_cores = options.cores;
  options.system = "textbook MPI, " + std::to_string(ranks - 1) + (ranks == 2 ? " worker" : " workers");
  measure(master, options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0, ranks = 0, status = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (rank > 0) {
    work();
  } else {
    try {
      Master master(ranks - 1);
      status = lead(master, ranks, argc, argv);
      master.tell(stop);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "acre-bench-textbook: %s\n", error.what());
      MPI_Abort(MPI_COMM_WORLD, 1);
    }
  }
  MPI_Finalize();
  return status;
}

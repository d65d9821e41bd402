// Monte Carlo pi: the main job, and an example of a campaign.
#include <fmt/format.h>

#include <acre/acre.hpp>
#include <cmath>
#include <numbers>

#include "kernel.hpp"
#include "options.hpp"

namespace pi {

struct Hits {
  std::uint64_t inside = 0, samples = 0;
  Hits& operator+=(const Hits& other) {
    inside += other.inside;
    samples += other.samples;
    return *this;
  }
};
ACRE_RECORD(Hits, inside, samples)

struct Study {
  std::uint64_t samples = 0, tasks = 0;
};
ACRE_RECORD(Study, samples, tasks)

Hits throw_darts(acre::Context& context, std::uint64_t samples) {
  return {count_hits(context.key(), context.index(), samples), samples};
}

// The sizes of the tasks, lazily: as even as whole numbers can be, the larger ones first.
class TaskSizes {
 public:
  explicit TaskSizes(const Options& options) : options_(options) {}
  struct Iterator {
    using value_type = std::uint64_t;
    using difference_type = std::ptrdiff_t;
    const Options* options;
    std::uint64_t task;
    std::uint64_t operator*() const {
      return options->samples / options->tasks + (task < options->samples % options->tasks ? 1 : 0);
    }
    Iterator& operator++() {
      ++task;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return task == other.task; }
  };
  Iterator begin() const { return {&options_, 0}; }
  Iterator end() const { return {&options_, options_.tasks}; }
  std::uint64_t size() const { return options_.tasks; }

 private:
  Options options_;
};

struct Report {
  Hits total;
  std::uint32_t workers = 0;
  int nodes = 1;
  std::uint64_t recorded = 0;
  double seconds = 0;
  std::string digest;
};

void print(const Options& options, const Report& report) {
  const auto n = static_cast<double>(report.total.samples);
  const double p = static_cast<double>(report.total.inside) / n;
  const double estimate = 4 * p, error = 4 * std::sqrt(p * (1 - p) / n);
  fmt::print("pi {:.12f} +- {:.12f}\n", estimate, error);
  fmt::print("z-score {:+.3f}\n", (estimate - std::numbers::pi) / error);
  fmt::print("samples {} in {} tasks, seed {}\n", report.total.samples, options.tasks, options.seed);
  const auto tasks = static_cast<double>(options.tasks), recorded = static_cast<double>(report.recorded);
  fmt::print("speed {:.4g} samples/s\n", n * (tasks - recorded) / tasks / report.seconds);
  fmt::print("workers {} on {} node{}\n", report.workers, report.nodes, report.nodes == 1 ? "" : "s");
  if (report.recorded > 0) fmt::print("resumed {} tasks were recorded by an earlier run\n", report.recorded);
  fmt::print("digest {}\n", report.digest);
  if (!options.out.empty()) fmt::print("file {}\n", options.out);
}

constexpr const char* stage = "darts";

// Without a file: the results are summed up and digested as they come.
void run_unrecorded(acre::Executor& executor, const Options& options, Report& report) {
  acre::ResultsDigest<Hits> digest(stage);
  std::uint64_t index = 0;
  for (const Hits& hits : executor.map<throw_darts>(TaskSizes(options), {.stage = stage})) {
    report.total += hits;
    digest.add(index++, hits);
  }
  report.digest = digest.finish();
}

void run_recorded(acre::Executor& executor, acre::Campaign campaign, const Options& options, Report& report) {
  campaign.parameters(Study{options.samples, options.tasks});
  for (const Hits& hits : campaign.map<throw_darts>(executor, stage, TaskSizes(options)))
    report.total += hits;
  report.digest = campaign.finish();
  report.recorded = campaign.recorded();
}

int run(acre::Session& session, const Options& options) {
  const acre::Instant begin = acre::now();
  const acre::Open open = options.resume ? acre::Open::resume : acre::Open::create;
  std::optional<acre::Campaign> campaign;
  if (!options.out.empty())
    campaign.emplace(session.campaign(options.out, {.name = "pi", .seed = options.seed, .open = open}));
  auto executor = session.executor({.workers = options.workers, .seed = options.seed});
  Report report;
  if (campaign)
    run_recorded(executor, std::move(*campaign), options, report);
  else
    run_unrecorded(executor, options, report);
  report.nodes = session.nodes();
  report.workers = executor.workers();
  report.seconds = std::chrono::duration<double>(acre::now() - begin).count();
  print(options, report);
  return 0;
}

}  // namespace pi

int main(int argc, char** argv) {
  return acre::run(argc, argv, [&](acre::Session& session) {
    const pi::Parsed parsed = pi::parse(argc, argv);
    return parsed.go_on ? pi::run(session, parsed.options) : parsed.status;
  });
}

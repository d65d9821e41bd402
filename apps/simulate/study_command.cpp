#include "study_command.hpp"

#include <fmt/format.h>

#include <acre/simulate/study.hpp>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace simulate {
namespace {

using namespace acre::simulate;
using acre::Duration;
using Tree = std::vector<std::uint32_t>;

constexpr std::uint32_t cores = 64;  // workers of a node
constexpr Duration tenth = std::chrono::microseconds(100), one = std::chrono::milliseconds(1),
                   ten = std::chrono::milliseconds(10);

/// One line of a table.
struct Line {
  std::string design;
  StudyCase what;
  StudyResult (*run)(const StudyCase&);
};

std::string name(Shape shape) {
  const char* const names[] = {"constant", "uniform (0, 2 tau)", "exponential", "log-normal", "bimodal"};
  return names[static_cast<std::size_t>(shape)];
}

std::string name(const Tree& tree) {
  std::string text;
  for (const std::uint32_t fan_out : tree) text += (text.empty() ? "" : " x ") + std::to_string(fan_out);
  return text;
}

/// Every worker has a second of work.
Line line(const std::string& design, const Tree& tree, Duration tau, Shape shape,
          StudyResult (*run)(const StudyCase&)) {
  StudyCase what{.tree = tree, .tau = tau, .shape = shape};
  what.tasks_per_worker = static_cast<std::uint32_t>(std::chrono::seconds(1) / tau);
  return {design, what, run};
}

void print(const Line& line, const StudyResult& result) {
  fmt::print("| {} | {} | {:.1f} | {} | {:.3f} | {:.3f} | {:.2g} | {:.3g} | {:.3f} |\n", line.design,
             line.what.workers(), static_cast<double>(line.what.tau.count()) / 1e6, name(line.what.shape),
             result.efficiency, result.over_bound, result.root_messages_per_task, result.root_messages_per_s,
             result.tail_idle);
  std::fflush(stdout);
}

/// Runs all lines, several at a time, and prints them in order.
void table(const std::string& title, const std::vector<Line>& lines, unsigned threads) {
  fmt::print(
      "\n{}\n\n| design | workers | tau, ms | task times | efficiency | makespan / bound | messages per task "
      "| messages/s at the root | idle at the end |\n|---|---|---|---|---|---|---|---|---|\n",
      title);
  std::fflush(stdout);
  std::vector<StudyResult> results(lines.size());
  std::vector<std::atomic<bool>> done(lines.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> helpers;
  for (unsigned i = 0; i < threads; ++i) {
    helpers.emplace_back([&] {
      for (std::size_t at = next++; at < lines.size(); at = next++) {
        results[at] = lines[at].run(lines[at].what);
        done[at] = true;
        done[at].notify_all();
      }
    });
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    done[i].wait(false);
    print(lines[i], results[i]);
  }
}

StudyResult batches_of_4(const StudyCase& what) { return study_batches(what, 4); }
StudyResult batches_of_16(const StudyCase& what) { return study_batches(what, 16); }

std::vector<Line> by_size(bool all) {
  std::vector<Line> lines;
  const auto add = [&](const std::string& design, const Tree& tree, auto* run) {
    lines.push_back(line(design + " " + name(tree), tree, one, Shape::uniform, run));
  };
  add("acre", {cores}, study_tree);
  for (const std::uint32_t nodes : {16u, 256u}) {
    if (nodes == 16) add("acre, flat", {nodes * cores, 1}, study_tree);
    add("acre", {nodes, cores}, study_tree);
    add("acre", {nodes / 8, 8, cores}, study_tree);
    add("single manager", {nodes, cores}, study_self_scheduling);
    add("batches of 4 per worker", {nodes, cores}, batches_of_4);
    add("batches of 16 per worker", {nodes, cores}, batches_of_16);
  }
  if (!all) return lines;
  add("acre, flat", {256 * cores, 1}, study_tree);
  add("acre", {1024, cores}, study_tree);
  add("acre", {64, 64, cores}, study_tree);
  add("acre", {128, 128, cores}, study_tree);
  return lines;
}

std::vector<Line> by_times(const Tree& tree) {
  std::vector<Line> lines;
  for (const Duration tau : {tenth, one, ten}) {
    for (const Shape shape :
         {Shape::constant, Shape::uniform, Shape::exponential, Shape::log_normal, Shape::bimodal})
      lines.push_back(line("acre " + name(tree), tree, tau, shape, study_tree));
  }
  return lines;
}

}  // namespace

int study_command(bool all, unsigned threads) {
  const StudyCosts costs;
  fmt::print(
      "Each worker has one second of work. A message costs a process {:.1f} us to send or to receive, a "
      "chunk "
      "{:.1f} us in a scheduler, a flight {:.0f} us; agents of workers look for messages every {:.0f} ms "
      "unless "
      "a worker is idle, agents of agents every {:.1f} ms.\n",
      static_cast<double>(costs.message.count()) / 1e3, static_cast<double>(costs.chunk.count()) / 1e3,
      static_cast<double>(costs.flight.count()) / 1e3, static_cast<double>(costs.leaf_poll.count()) / 1e6,
      static_cast<double>(costs.poll.count()) / 1e6);
  fmt::print("A root can handle at most {:.3g} messages/s at that price.\n",
             1e9 / static_cast<double>(costs.message.count()));
  table("By size and design", by_size(all), threads);
  table("By task times, 16 nodes", by_times({16, cores}), threads);
  if (all) table("By task times, 256 nodes", by_times({256, cores}), threads);
  return 0;
}

}  // namespace simulate

// What the scheduler itself costs: a task submitted, dealt and finished, with so many others pending.
#include <fmt/format.h>

#include <acre/schedule/scheduler.hpp>

#include "allocations.hpp"
#include "commands.hpp"

namespace bench {
namespace {

using namespace acre::schedule;

constexpr std::uint32_t members = 64;

/// Members that finish what they are dealt, in the order in which it was dealt; nothing else happens.
class Drive {
 public:
  Drive() : deals_(std::size_t{1} << 16) { actions_.reserve(std::size_t{1} << 16); }

  void join() {
    for (std::uint32_t m = 0; m < members; ++m) step(MemberJoined{acre::MemberId{m}});
  }

  /// Submits so many tasks, as single ones or as one range, after all earlier ones have ended.
  void submit(std::uint32_t tasks, bool as_range) {
    ++generation_;
    if (as_range) return step(Submitted{.task = acre::make_task_id(0, generation_), .count = tasks});
    for (std::uint32_t slot = 0; slot < tasks; ++slot) step(Submitted{acre::make_task_id(slot, generation_)});
  }

  /// Finishes everything; results of a chunk come together or one by one.
  void finish(bool together) {
    while (first_ != last_) {
      const Dispatch deal = deals_[first_++ % deals_.size()];
      const std::uint32_t part = together ? deal.count : 1;
      for (std::uint32_t place = 0; place < deal.count; place += part)
        step(Finished{deal.chunk, place, part, std::chrono::microseconds(1) * part});
    }
  }

  const Scheduler& scheduler() const { return scheduler_; }

 private:
  void step(const Event& event) {
    scheduler_.step({}, event, actions_);
    for (const Action& action : actions_)
      if (const auto* deal = std::get_if<Dispatch>(&action)) deals_[last_++ % deals_.size()] = *deal;
    actions_.clear();
  }

  Scheduler scheduler_;
  Actions actions_;
  std::vector<Dispatch> deals_;  ///< a ring; more than all members may hold
  std::size_t first_ = 0, last_ = 0;
  std::uint32_t generation_ = 0;
};

struct Case {
  std::uint32_t tasks;
  bool as_range, together;
  const char* name;
};

/// Bytes for each task that waits, while no member is there.
double memory_of(const Case& what) {
  Drive drive;
  const std::size_t empty = drive.scheduler().memory_bytes();
  drive.submit(what.tasks, what.as_range);
  return static_cast<double>(drive.scheduler().memory_bytes() - empty) / what.tasks;
}

void measure(const Case& what, const Options& options) {
  const std::string name = fmt::format("{:.0e} {}", static_cast<double>(what.tasks), what.name);
  Figure submitting(name + ": submit", "ns/task"), finishing(name + ": deal, finish", "ns/task");
  Figure waiting(name + ": waiting", "B/task"), allocating(name + ": allocations in a run", "");
  waiting.add(memory_of(what));
  Drive drive;
  drive.join();
  for (int run = -2; run < options.runs; ++run) {  // the first two warm up: trust in task times, then memory
    const std::uint64_t before = allocations_so_far();
    const double submit = seconds([&] { drive.submit(what.tasks, what.as_range); });
    const double finish = seconds([&] { drive.finish(what.together); });
    if (!drive.scheduler().idle()) throw acre::Error("the scheduler did not end all tasks of the benchmark");
    if (run < 0) continue;
    allocating.add(static_cast<double>(allocations_so_far() - before));
    submitting.add(1e9 * submit / what.tasks);
    finishing.add(1e9 * finish / what.tasks);
  }
  submitting.print(options);
  finishing.print(options);
  waiting.print(options);
  allocating.print(options);
}

}  // namespace

void scheduler(acre::Session&, const Options& options) {
  for (const std::uint32_t tasks : {10'000u, 1'000'000u, 100'000'000u}) {
    if (tasks <= 1'000'000 || options.large) measure({tasks, false, true, "single tasks"}, options);
    if (tasks <= 1'000'000) measure({tasks, true, false, "in a range, one by one"}, options);
    measure({tasks, true, true, "in a range"}, options);
  }
}

}  // namespace bench

#include <utility>

#include <acre/executor/ended_run.hpp>
#include <acre/executor/take_value.hpp>

namespace acre::executor {

EndedRun EndedRun::of(std::uint64_t index, task::Outcome&& outcome) {
  EndedRun run{index};
  if (outcome.ending != task::Ending::value) {
    run.failure = std::make_unique<const task::Outcome>(std::move(outcome));
    return run;
  }
  const task::Execution& where = outcome.execution;
  run.values.attempt = where.attempt;
  run.values.worker = where.worker;
  run.values.rank = where.rank;
  run.values.marks.push_back({outcome.value.size(), where.start_ns, where.run_ns});
  run.values.bytes = std::move(outcome.value);
  return run;
}

void EndedItem::throw_failure() const {
  task::rethrow(*run_->failure, index(), engine_->host_of(run_->failure->execution.rank));
}

void EndedItem::throw_unreadable(const std::type_info& type, const std::string& why) const {
  executor::throw_unreadable(
      task::info_of(run_->outcome_of(place_), index(), engine_->host_of(run_->values.rank)), type, why);
}

void EndedRuns::push(EndedRun&& run) {
  const std::lock_guard lock(mutex_);
  runs_.push_back(std::move(run));
}

void EndedRuns::fetch(std::vector<EndedRun>& runs) {
  runs.clear();
  const std::lock_guard lock(mutex_);
  runs.swap(runs_);
}

}  // namespace acre::executor

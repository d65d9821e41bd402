#include <acre/base/error.hpp>
#include <acre/campaign/stage_recorder.hpp>

namespace acre::campaign {

StageRecorder::StageRecorder(std::shared_ptr<Journal> journal, const StageInfo& stage,
                             std::shared_ptr<executor::Engine> engine, std::optional<std::uint64_t> total,
                             bool progress)
    : journal_(std::move(journal)),
      reader_(*journal_),
      name_(stage.name),
      stage_(journal_->stage(stage)),
      keeps_inputs_(!stage.input.columns.empty()),
      engine_(std::move(engine)),
      total_(total) {
  if (progress) progress_.emplace(name_);
}

std::optional<task::Outcome> StageRecorder::recorded(std::uint64_t index, ByteView arguments) {
  ++asked_;
  const auto row = reader_.find(stage_, index);
  if (!row) return std::nullopt;
  if (row->input_digest != input_digest(arguments))
    throw Error("the input of task " + std::to_string(index) + " of stage " + name_ +
                " differs from the one recorded in " + journal_->path() +
                ": results of other inputs belong in another file");
  ++found_;
  task::Outcome outcome;
  outcome.execution.attempt = row->execution.attempt;
  outcome.execution.worker = row->execution.worker;
  outcome.execution.rank = row->execution.rank;
  if (row->failure) {
    outcome.ending = task::Ending::thrown;
    outcome.type = row->failure->type;
    outcome.message = row->failure->message;
    ++failed_;
  } else {
    outcome.value.assign(row->result.begin(), row->result.end());
  }
  ++recorded_;
  return outcome;
}

// Deaths and cancelled tasks are not recorded: a resumed run tries them again.
void StageRecorder::record(std::uint64_t index, ByteView arguments, const task::Outcome& outcome) noexcept {
  const bool thrown = outcome.ending == task::Ending::thrown;
  if (!thrown && outcome.ending != task::Ending::value) return;
  Row row;
  row.stage = stage_;
  row.index = index;
  row.input_digest = input_digest(arguments);
  if (keeps_inputs_) row.input = arguments;
  if (thrown)
    row.failure = Failure{outcome.type, outcome.message};
  else
    row.result = outcome.value;
  const task::Execution& execution = outcome.execution;
  row.execution = {execution.attempt,
                   execution.worker,
                   execution.rank,
                   engine_->host_of(execution.rank),
                   execution.start_ns,
                   execution.run_ns,
                   0};
  try {
    journal_->append(row);
    ++recorded_;
    if (thrown) ++failed_;
  } catch (const Error&) {
    if (!broken_.exchange(true))
      engine_->drain_soon();  // the journal keeps the sentence, which check() throws
  }
}

void StageRecorder::check() {
  if (broken_ || journal_->failed()) throw Error(journal_->failure());
  if (progress_) progress_->show({recorded_, failed_, found_, total_, engine_->workers()});
}

bool StageRecorder::complete() const { return recorded_ == asked_ && (!total_ || asked_ == *total_); }

std::string StageRecorder::extent() const {
  return std::to_string(recorded_) + " of " + std::to_string(total_.value_or(asked_)) + " tasks of stage " +
         name_;
}

}  // namespace acre::campaign

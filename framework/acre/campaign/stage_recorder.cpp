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
std::vector<executor::Follower> StageRecorder::record(const executor::ItemRange& items,
                                                      const executor::EndedRun& ended) noexcept {
  const task::Outcome* failure = ended.failure.get();
  if (failure != nullptr && failure->ending != task::Ending::thrown) return {};
  const auto first = static_cast<std::uint32_t>(ended.first - items.first);
  try {
    for (std::uint32_t place = 0; place < ended.count(); ++place) {
      Row row;
      row.stage = stage_;
      row.index = ended.first + place;
      const ByteView input = items.arguments_of(first + place);
      row.input_digest = input_digest(input);
      if (keeps_inputs_) row.input = input;
      if (failure != nullptr)
        row.failure = Failure{failure->type, failure->message};
      else
        row.result = ended.values.bytes_of(place);
      row.execution =
          execution_of(failure != nullptr ? failure->execution : ended.values.execution_of(place));
      journal_->append(row);
      ++recorded_;
      if (failure != nullptr) ++failed_;
    }
  } catch (const Error&) {
    if (!broken_.exchange(true))
      engine_->drain_soon();  // the journal keeps the sentence, which check() throws
  }
  return {};
}

Execution StageRecorder::execution_of(const task::Execution& execution) const {
  return {execution.attempt,
          execution.worker,
          execution.rank,
          engine_->host_of(execution.rank),
          execution.start_ns,
          execution.run_ns,
          0};
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

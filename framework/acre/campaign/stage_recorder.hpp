// Records the outcomes of one map in the journal, and finds those that an earlier run recorded.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <acre/campaign/journal.hpp>
#include <acre/executor/engine.hpp>
#include <acre/executor/recorder.hpp>
#include <acre/observe/progress.hpp>

namespace acre::campaign {

/// One stage of a campaign in this run.
class StageRecorder final : public executor::Recorder {
 public:
  StageRecorder(std::shared_ptr<Journal> journal, const StageInfo& stage,
                std::shared_ptr<executor::Engine> engine, std::optional<std::uint64_t> total, bool progress);

  std::optional<task::Outcome> recorded(std::uint64_t index, ByteView arguments) override;
  std::vector<executor::Follower> record(const executor::ItemRange& items,
                                         const executor::EndedRun& ended) noexcept override;
  void check() override;

  /// Whether each task that was asked for has a record.
  bool complete() const;
  /// "361 of 1000 tasks of stage darts": what has a record, in words.
  std::string extent() const;
  /// Tasks whose outcome an earlier run had recorded.
  std::uint64_t found() const noexcept { return found_; }

 private:
  Execution execution_of(const task::Execution& execution) const;

  std::shared_ptr<Journal> journal_;
  JournalReader reader_;
  std::string name_;
  std::uint32_t stage_;
  bool keeps_inputs_;
  std::shared_ptr<executor::Engine> engine_;
  std::optional<observe::Progress> progress_;
  std::optional<std::uint64_t> total_;
  std::uint64_t asked_ = 0, found_ = 0;
  std::atomic<std::uint64_t> recorded_ = 0, failed_ = 0;
  std::atomic<bool> broken_ = false;
};

}  // namespace acre::campaign

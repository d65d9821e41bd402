// The keeper of a campaign's files: when they may be opened, and what happens to them at the end.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <acre/campaign/campaign.hpp>
#include <acre/campaign/stage_recorder.hpp>

namespace acre::campaign {

/// One thread at a time. Throws acre::Error in a sentence.
class Keeper {
 public:
  Keeper(std::string path, const CampaignOptions& options, Surroundings surroundings);

  void set_parameters(wire::Schema schema, Bytes values);
  std::shared_ptr<StageRecorder> open_stage(const StageInfo& stage, std::shared_ptr<executor::Engine> engine,
                                            std::optional<std::uint64_t> total);
  bool complete() const;
  std::uint64_t recorded() const;
  std::string finish();
  std::uint64_t seed() const noexcept { return identity_.seed; }

 private:
  void open_journal();

  std::string path_;
  Open open_;
  bool progress_;
  Surroundings surroundings_;
  Identity identity_;
  std::shared_ptr<LockFile> lock_;  ///< lives as long as the journal, whose writer refreshes it
  std::shared_ptr<Journal> journal_;
  std::map<std::string, std::shared_ptr<StageRecorder>> stages_;
};

}  // namespace acre::campaign

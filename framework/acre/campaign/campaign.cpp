#include <acre/campaign/campaign.hpp>
#include <acre/campaign/keeper.hpp>
#include <acre/random/philox.hpp>

namespace acre {

Campaign::Campaign(const std::string& path, const CampaignOptions& options,
                   campaign::Surroundings surroundings)
    : keeper_(std::make_unique<campaign::Keeper>(path, options, std::move(surroundings))) {}
Campaign::Campaign(Campaign&&) noexcept = default;
Campaign::~Campaign() = default;

void Campaign::set_parameters(wire::Schema schema, Bytes values) {
  keeper_->set_parameters(std::move(schema), std::move(values));
}

void Campaign::check_options(const MapOptions& options) {
  options.check();
  if (!options.stage.empty())
    throw Error("the stage of a campaign's map is the argument before its items: leave \"" + options.stage +
                "\" out of the options");
}

std::uint64_t Campaign::stage_key(const std::string& stage) const {
  return random::stream_key(keeper_->seed(), std::string_view(stage));
}

std::shared_ptr<executor::Recorder> Campaign::open_stage(const campaign::StageInfo& stage, Executor& executor,
                                                         std::optional<std::uint64_t> total) {
  return keeper_->open_stage(stage, executor.engine(), total);
}

std::string Campaign::finish() { return keeper_->finish(); }
std::uint64_t Campaign::recorded() const { return keeper_->recorded(); }
bool Campaign::complete() const { return keeper_->complete(); }

}  // namespace acre

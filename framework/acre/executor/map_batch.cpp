#include <acre/executor/map_batch.hpp>

namespace acre::executor {

void MapBatch::record_with(std::shared_ptr<Recorder> recorder, ItemRange items) {
  recorder_ = std::move(recorder);
  items_ = std::move(items);
}

void MapBatch::complete(std::uint32_t place, task::Outcome&& outcome) noexcept {
  hand_on(EndedRun::of(first_ + place, std::move(outcome)));
}

void MapBatch::complete_all(std::uint32_t place, const task::Values& values, std::uint32_t from,
                            std::uint32_t count) noexcept {
  if (recorder_ == nullptr && ended_.expired()) return;
  hand_on({first_ + place, values.part(from, count)});
}

void MapBatch::hand_on(EndedRun&& run) noexcept {
  std::vector<Follower> followers;
  if (recorder_) followers = recorder_->record(items_, run);
  const auto ended = ended_.lock();
  if (ended == nullptr) return;
  for (const Follower& follower : followers)
    ended->push(EndedRun::of(follower.index, run.outcome_of(follower.place)));
  ended->push(std::move(run));
}

}  // namespace acre::executor

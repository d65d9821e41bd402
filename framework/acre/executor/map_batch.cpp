#include <acre/executor/map_batch.hpp>

namespace acre::executor {

void MapBatch::add(const std::shared_ptr<FutureState>& state, ByteView arguments,
                   const task::SharedHandles& kept) {
  arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
  ends_.push_back(arguments_.size());
  states_.push_back(state);
  for (const task::SharedHandle& value : kept)
    if (keeps_.empty() || keeps_.back() != value) keeps_.push_back(value);
}

// Only a recorder needs the arguments again once they are submitted.
node::TaskRequest MapBatch::request(const std::shared_ptr<MapBatch>& self, task::TaskHead head,
                                    const node::Terms& terms) {
  head.index = self->first_index_;
  if (self->recorder_) return {head, self->arguments_, self->ends_, terms, self, std::move(self->keeps_)};
  return {head, std::move(self->arguments_), std::move(self->ends_), terms, self, std::move(self->keeps_)};
}

void MapBatch::set_task(TaskId task) {
  for (const auto& state : states_) state->set_task(task);
}

void MapBatch::complete(std::uint32_t place, task::Outcome&& outcome) noexcept {
  if (recorder_) {
    const std::uint64_t begin = place == 0 ? 0 : ends_[place - 1];
    recorder_->record(first_index_ + place, ByteView(arguments_).subspan(begin, ends_[place] - begin),
                      outcome);
  }
  states_[place]->complete(0, std::move(outcome));
}

}  // namespace acre::executor

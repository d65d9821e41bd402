#include <acre/executor/map_all.hpp>

namespace acre::executor {
namespace {
/// Tells the futures of items that were submitted as one range.
class FutureBatch final : public node::Completion {
 public:
  FutureBatch(const std::shared_ptr<Engine>& engine, const ItemRange& items) {
    for (std::uint32_t place = 0; place < items.size(); ++place)
      states_.push_back(std::make_shared<FutureState>(engine, items.first + place));
  }

  const std::vector<std::shared_ptr<FutureState>>& states() const noexcept { return states_; }
  void complete(std::uint32_t place, task::Outcome&& outcome) noexcept override {
    states_[place]->complete(0, std::move(outcome));
  }

 private:
  std::vector<std::shared_ptr<FutureState>> states_;
};
}  // namespace

std::vector<std::shared_ptr<SharedState>> submit_all(const std::shared_ptr<Engine>& engine, Source& source,
                                                     const MapPlan& plan) {
  constexpr std::uint32_t most_together = 1024;  // so that the first ones run while the rest is read
  std::vector<std::shared_ptr<SharedState>> states;
  for (bool more = true; more;) {
    ItemRange items{.first = states.size()};
    more = items.read(source, most_together, static_cast<std::size_t>(-1), engine.get());
    if (items.size() == 0) break;
    const auto batch = std::make_shared<FutureBatch>(engine, items);
    const TaskId task = engine->submit(request_of(std::move(items), plan, batch));
    for (const auto& state : batch->states()) {
      state->set_task(task);
      states.push_back(state);
    }
  }
  return states;
}

}  // namespace acre::executor

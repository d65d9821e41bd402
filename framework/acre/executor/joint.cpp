#include <algorithm>

#include <acre/executor/joint.hpp>

namespace acre::executor {

Joint::Joint(std::vector<StateHandle> states, Enough enough)
    : states_(std::move(states)), enough_(enough), left_(std::make_shared<Left>()) {
  left_->states = enough == Enough::one ? 1 : states_.size();
}

Needs Joint::needs() const {
  Needs needs;
  bool tasks = true;
  for (const auto& state : states_) {
    tasks &= state->is_task();
    for (const auto& engine : state->engines())
      if (std::find(needs.engines.begin(), needs.engines.end(), engine) == needs.engines.end())
        needs.engines.push_back(engine);
  }
  if (!tasks || needs.engines.size() != 1) return needs;
  needs.drive = [engine = needs.engines.front(), left = left_, one = enough_ == Enough::one](
                    const std::function<bool()>& done, Instant deadline) {
    return engine->wait([&] { return left->enough || done(); },
                        {.low_water = true, .any_result = one, .awaited = {}}, deadline);
  };
  return needs;
}

// All states share one copy of the call, which may hold as much as there are states.
void Joint::on_enough(const std::function<void(std::size_t)>& finish) const {
  const auto shared = std::make_shared<const std::function<void(std::size_t)>>(finish);
  for (std::size_t place = 0; place < states_.size(); ++place) {
    SharedState* const state = states_[place].get();
    state->on_end([shared, place, state, left = left_, failure_counts = enough_ == Enough::all_or_a_failure] {
      if (--left->states != 0 && !(failure_counts && state->failed())) return;
      if (!left->enough.exchange(true)) state->post([shared, place] { (*shared)(place); });
    });
  }
}

}  // namespace acre::executor

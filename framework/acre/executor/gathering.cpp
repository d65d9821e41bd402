#include <acre/executor/gathering.hpp>

namespace acre::executor {

Attending::Attending(std::span<const std::shared_ptr<Engine>> engines) : engines_(engines) {
  for (const auto& engine : engines_) engine->attend();
}

Attending::~Attending() {
  for (const auto& engine : engines_) engine->leave();
}

void Gathering::add(const StateHandle& state) {
  count(*state, 1);
  state->announce_to(arrivals_);
}

StateHandle Gathering::next(Instant deadline) {
  if (empty()) return {};
  auto state = arrivals_->pop();
  if (!state) {
    if (!wait(deadline)) return {};
    state = arrivals_->pop();
  }
  count(*state, -1);
  return state;
}

// One thread can drive one engine. If there are several, or callbacks to wait for, their own threads do it.
bool Gathering::wait(Instant deadline) {
  if (local_ == 0 && engines_.size() == 1)
    return engines_.begin()->first->wait([this] { return any_ended(); }, {.any_result = true, .awaited = {}},
                                         deadline);
  refuse_to_wait();
  std::vector<std::shared_ptr<Engine>> engines;
  engines.reserve(engines_.size());
  for (const auto& [engine, number] : engines_) engines.push_back(engine);
  const Attending attending(engines);
  return arrivals_->wait(deadline);
}

void Gathering::count(const SharedState& state, int more) {
  size_ += static_cast<std::size_t>(more);
  if (!state.is_task()) local_ += static_cast<std::size_t>(more);
  for (const auto& engine : state.engines()) {
    const auto at = engines_.try_emplace(engine, 0).first;
    at->second += more;
    if (at->second == 0) engines_.erase(at);
  }
}

}  // namespace acre::executor

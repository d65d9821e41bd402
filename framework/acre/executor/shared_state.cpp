#include <array>
#include <unordered_map>
#include <vector>

#include <acre/executor/shared_state.hpp>

namespace acre::executor {
namespace {
/// Whom to tell of the end of a state, which is kept until then.
struct Listeners {
  StateHandle state;
  std::vector<std::function<void()>> calls;
  std::vector<std::weak_ptr<Arrivals>> arrivals;
};

/// Few states ever have listeners, so that they are kept elsewhere.
struct Lobby {
  std::mutex mutex;
  std::unordered_map<const SharedState*, Listeners> listeners;
};

// Never destroyed: futures may end as late as they like.
Lobby& lobby_of(const SharedState* state) {
  static auto& lobbies = *new std::array<Lobby, 64>;
  return lobbies[reinterpret_cast<std::uintptr_t>(state) / 64 % lobbies.size()];
}
}  // namespace

void Arrivals::push(StateHandle state) {
  {
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(state));
  }
  arrived_.notify_one();
}

StateHandle Arrivals::pop() {
  const std::lock_guard lock(mutex_);
  if (states_.empty()) return {};
  auto first = std::move(states_.front());
  states_.pop_front();
  return first;
}

bool Arrivals::empty() const {
  const std::lock_guard lock(mutex_);
  return states_.empty();
}

bool Arrivals::wait(Instant deadline) {
  const auto arrived = [&] { return !states_.empty(); };
  std::unique_lock lock(mutex_);
  if (deadline != Instant::never()) return arrived_.wait_for(lock, deadline - now(), arrived);
  arrived_.wait(lock, arrived);
  return true;
}

bool SharedState::end(Stage how) noexcept {
  const Stage before = stage_.exchange(how);
  if (before != Stage::heard) return before != Stage::dropped;
  Listeners told;
  {
    Lobby& lobby = lobby_of(this);
    const std::lock_guard lock(lobby.mutex);
    told = std::move(lobby.listeners.extract(this).mapped());
  }
  for (const auto& call : told.calls) call();
  for (const auto& waiter : told.arrivals)
    if (const auto at = waiter.lock()) at->push(told.state);
  return true;
}

// Calls add(listeners) unless it has ended; returns whether it did. Once somebody is heard, end() comes for
// all that are there when it has the lock.
template <class Add>
bool SharedState::listen(Add add) {
  Lobby& lobby = lobby_of(this);
  const std::lock_guard lock(lobby.mutex);
  const auto [at, is_first] = lobby.listeners.try_emplace(this);
  if (is_first) {
    Stage unheard = Stage::unheard;
    if (!stage_.compare_exchange_strong(unheard, Stage::heard)) {
      lobby.listeners.erase(at);
      return false;
    }
    at->second.state = StateHandle(this);
  }
  add(at->second);
  return true;
}

void SharedState::on_end(std::function<void()> call) {
  if (!listen([&](Listeners& all) { all.calls.push_back(std::move(call)); })) call();
}

void SharedState::on_done(std::function<void()> call) {
  on_end([this, call = std::move(call)] { post(call); });
}

void SharedState::announce_to(const std::shared_ptr<Arrivals>& arrivals) {
  const bool in_time = listen([&](Listeners& all) {
    std::erase_if(all.arrivals, [](const auto& waiter) { return waiter.expired(); });
    all.arrivals.push_back(arrivals);
  });
  if (!in_time) arrivals->push(StateHandle(this));
}

void SharedState::post(std::function<void()> call) const {
  if (engines().empty()) return Callbacks::make(call);
  engines().front()->callbacks().post(std::move(call));
}

}  // namespace acre::executor

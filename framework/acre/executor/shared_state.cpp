#include <array>

#include <acre/executor/shared_state.hpp>

namespace acre::executor {
namespace {
// Guards the listeners of a state. Few states ever have any, so that they need no lock of their own.
std::mutex& guard_of(const SharedState* state) {
  static std::array<std::mutex, 64> guards;
  return guards[reinterpret_cast<std::uintptr_t>(state) / 256 % guards.size()];
}
}  // namespace

void Arrivals::push(std::shared_ptr<SharedState> state) {
  {
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(state));
  }
  arrived_.notify_one();
}

std::shared_ptr<SharedState> Arrivals::pop() {
  const std::lock_guard lock(mutex_);
  if (states_.empty()) return nullptr;
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

void SharedState::end() noexcept {
  if (stage_.exchange(Stage::done) == Stage::unheard) return;
  std::unique_ptr<Listeners> told;
  {
    const std::lock_guard lock(guard_of(this));
    told = std::move(listeners_);
  }
  for (const auto& call : told->calls) call();
  for (const auto& waiter : told->arrivals)
    if (const auto at = waiter.lock()) at->push(shared_from_this());
}

// Calls add(listeners) unless it has ended; returns whether it did. Once somebody is heard, end() comes for
// all that are there when it has the lock.
template <class Add>
bool SharedState::listen(Add add) {
  const std::lock_guard lock(guard_of(this));
  if (listeners_ == nullptr) {
    auto first = std::make_unique<Listeners>();
    Stage unheard = Stage::unheard;
    if (!stage_.compare_exchange_strong(unheard, Stage::heard)) return false;
    listeners_ = std::move(first);
  }
  add(*listeners_);
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
  if (!in_time) arrivals->push(shared_from_this());
}

void SharedState::post(std::function<void()> call) const {
  if (engine_ == nullptr) return Callbacks::make(call);
  engine_->callbacks().post(std::move(call));
}

}  // namespace acre::executor

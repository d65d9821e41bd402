#include <acre/executor/shared_state.hpp>

namespace acre::executor {

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
  std::vector<std::function<void()>> calls;
  std::vector<std::weak_ptr<Arrivals>> arrivals;
  {
    const std::lock_guard lock(mutex_);
    done_.store(true, std::memory_order_release);
    calls.swap(calls_);
    arrivals.swap(arrivals_);
  }
  for (const auto& call : calls) call();
  for (const auto& waiter : arrivals)
    if (const auto at = waiter.lock()) at->push(shared_from_this());
}

void SharedState::on_end(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (!done()) return calls_.push_back(std::move(call));
  }
  call();
}

void SharedState::on_done(std::function<void()> call) {
  on_end([this, call = std::move(call)] { post(call); });
}

void SharedState::announce_to(const std::shared_ptr<Arrivals>& arrivals) {
  {
    const std::lock_guard lock(mutex_);
    if (!done()) {
      std::erase_if(arrivals_, [](const auto& waiter) { return waiter.expired(); });
      return arrivals_.push_back(arrivals);
    }
  }
  arrivals->push(shared_from_this());
}

void SharedState::post(std::function<void()> call) const {
  if (engine_ == nullptr) return Callbacks::make(call);
  engine_->callbacks().post(std::move(call));
}

}  // namespace acre::executor

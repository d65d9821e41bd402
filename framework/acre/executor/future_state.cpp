#include <acre/executor/future_state.hpp>

namespace acre::executor {

void Arrivals::push(std::shared_ptr<FutureState> state) {
  const std::lock_guard lock(mutex_);
  states_.push_back(std::move(state));
}

std::shared_ptr<FutureState> Arrivals::pop() {
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

void FutureState::complete(std::uint32_t, task::Outcome&& outcome) noexcept {
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
  done_.store(true, std::memory_order_release);
  for (auto& call : calls_) engine_->callbacks().post(std::move(call));
  for (const auto& waiter : arrivals_)
    if (const auto arrivals = waiter.lock()) arrivals->push(shared_from_this());
  calls_.clear();
  arrivals_.clear();
}

bool FutureState::wait(Instant deadline) {
  if (done()) return true;
  return engine_->wait([this] { return done(); }, {.awaited = task_}, deadline);
}

bool FutureState::cancel() {
  if (!done()) engine_->cancel(task_);
  return done() && outcome_.ending == task::Ending::cancelled;
}

void FutureState::rethrow() const {
  if (outcome_.ending != task::Ending::value)
    task::rethrow(outcome_, index_, engine_->host_of(outcome_.execution.rank));
}

void FutureState::throw_unreadable(const std::type_info& type, const std::string& why) const {
  TaskInfo failure = info();
  failure.message = "its result, a " + task::type_name(type) + ", cannot be read back: " + why;
  throw TaskError(std::move(failure));
}

TaskInfo FutureState::info() const {
  return task::info_of(outcome_, index_, engine_->host_of(outcome_.execution.rank));
}

void FutureState::on_done(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (!done()) return calls_.push_back(std::move(call));
  }
  engine_->callbacks().post(std::move(call));
}

void FutureState::announce_to(const std::shared_ptr<Arrivals>& arrivals) {
  const std::lock_guard lock(mutex_);
  if (done()) return arrivals->push(shared_from_this());
  std::erase_if(arrivals_, [](const auto& waiter) { return waiter.expired(); });
  arrivals_.push_back(arrivals);
}

}  // namespace acre::executor

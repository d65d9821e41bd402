#include <acre/executor/future_state.hpp>

namespace acre::executor {

void FutureState::complete(std::uint32_t, task::Outcome&& outcome) noexcept {
  outcome_ = std::move(outcome);
  end();
}

bool FutureState::wait(Instant deadline) {
  if (done()) return true;
  return engine()->wait([this] { return done(); }, {.awaited = task_}, deadline);
}

bool FutureState::cancel() {
  if (!done()) engine()->cancel(task_);
  return cancelled();
}

bool FutureState::running() { return !done() && engine()->running(task_); }

Drive FutureState::drive() {
  return [self = shared_from_this(), task = task_](const std::function<bool()>& enough, Instant deadline) {
    return self->engine()->wait([&] { return self->done() || enough(); }, {.awaited = task}, deadline);
  };
}

void FutureState::rethrow() const {
  if (failed()) task::rethrow(outcome_, index(), engine()->host_of(outcome_.execution.rank));
}

void FutureState::throw_unreadable(const std::type_info& type, const std::string& why) const {
  executor::throw_unreadable(info(), type, why);
}

TaskInfo FutureState::info() const {
  return task::info_of(outcome_, index(), engine()->host_of(outcome_.execution.rank));
}

}  // namespace acre::executor

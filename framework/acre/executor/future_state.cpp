#include <acre/executor/future_state.hpp>

namespace acre::executor {

void FutureState::complete(std::uint32_t, task::Outcome&& outcome) noexcept {
  if (outcome.ending == task::Ending::value) {
    value_.assign(std::move(outcome.value));
    execution_ = outcome.execution;
  } else {
    failure_ = std::make_unique<const task::Outcome>(std::move(outcome));
  }
  end();
}

void FutureState::complete_all(std::uint32_t, const task::Values& values, std::uint32_t from,
                               std::uint32_t) noexcept {
  value_.assign(values.bytes_of(from));
  execution_ = values.execution_of(from);
  end();
}

task::Outcome FutureState::outcome() const {
  if (failed()) return *failure_;
  task::Outcome outcome;
  outcome.value = copy_of(value());
  outcome.execution = execution_;
  return outcome;
}

bool FutureState::wait(Instant deadline) {
  if (done()) return true;
  return engine()->wait([this] { return done(); }, {.awaited = where()}, deadline);
}

bool FutureState::cancel() {
  if (!done()) engine()->cancel(task_, place_);
  return cancelled();
}

bool FutureState::running() { return !done() && engine()->running(task_, place_); }

Drive FutureState::drive() {
  return [self = shared_from_this(), task = where()](const std::function<bool()>& enough, Instant deadline) {
    return self->engine()->wait([&] { return self->done() || enough(); }, {.awaited = task}, deadline);
  };
}

void FutureState::rethrow() const {
  if (failed()) task::rethrow(*failure_, index(), engine()->host_of(failure_->execution.rank));
}

void FutureState::throw_unreadable(const std::type_info& type, const std::string& why) const {
  executor::throw_unreadable(info(), type, why);
}

TaskInfo FutureState::info() const {
  const task::Outcome end = outcome();
  return task::info_of(end, index(), engine()->host_of(end.execution.rank));
}

}  // namespace acre::executor

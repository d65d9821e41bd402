#include <acre/executor/gathering.hpp>
#include <acre/executor/local_state.hpp>
#include <acre/task/failure.hpp>

namespace acre::executor {

Needs Needs::of(SharedState& state) {
  return {{state.engines().begin(), state.engines().end()}, state.drive(), state.index()};
}

// First for what it is made of, then for the callback thread, which nobody has to drive. If it is cancelled
// meanwhile, an engine that sleeps does not hear of it, but wakes often enough.
bool LocalState::wait(Instant deadline) {
  if (done()) return true;
  refuse_to_wait();
  if (needs_.drive && !needs_.drive([this] { return done(); }, deadline)) return done();
  const auto arrivals = std::make_shared<Arrivals>();
  announce_to(arrivals);
  const Attending attending(needs_.drive ? std::span<const std::shared_ptr<Engine>>{} : engines());
  return arrivals->wait(deadline);
}

bool LocalState::cancel() {
  Phase waiting = Phase::waiting;
  if (!phase_.compare_exchange_strong(waiting, Phase::cancelled)) return cancelled();
  TaskInfo info;
  info.task = index();
  info.message = "cancelled before what is made of its result was";
  error_ = std::make_exception_ptr(TaskCancelled(std::move(info)));
  end(Stage::failed);
  return true;
}

bool LocalState::begin() noexcept {
  Phase waiting = Phase::waiting;
  return phase_.compare_exchange_strong(waiting, Phase::running);
}

void LocalState::finish(std::exception_ptr error) noexcept {
  error_ = std::move(error);
  phase_ = Phase::ended;
  end(error_ ? Stage::failed : Stage::made);
}

void LocalState::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace acre::executor

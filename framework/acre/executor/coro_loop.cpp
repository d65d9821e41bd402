#include <acre/executor/coro.hpp>

namespace acre::executor {

void CoroLoop::resume_after(std::coroutine_handle<> coroutine, const StateHandle& state) {
  waiting_.emplace(state.get(), coroutine);
  gathering_.add(state);
}

void CoroLoop::run(std::coroutine_handle<> until) {
  resume_soon(until);
  while (!until.done()) {
    while (!ready_.empty() && !until.done()) {
      const auto next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
    if (until.done()) return;
    ACRE_CHECK(!gathering_.empty(), "a coroutine that has not ended awaits something");
    const auto state = gathering_.next();
    const auto at = waiting_.find(state.get());
    resume_soon(at->second);
    waiting_.erase(at);
  }
}

}  // namespace acre::executor

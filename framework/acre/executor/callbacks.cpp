#include <acre/executor/callbacks.hpp>
#include <acre/observe/say.hpp>
#include <acre/task/exception.hpp>

namespace acre::executor {
namespace {
thread_local bool making = false;
}

bool Callbacks::inside() noexcept { return making; }

void Callbacks::make(const std::function<void()>& call) noexcept {
  const bool outer = std::exchange(making, true);
  try {
    call();
  } catch (...) {
    const task::Caught caught = task::describe_current_exception();
    observe::say("a callback threw " + caught.type + ": " + caught.message);
  }
  making = outer;
}

void Callbacks::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (!thread_.joinable()) ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Callbacks::post(std::function<void()> call) {
  {
    std::unique_lock lock(mutex_);
    if (ended_) {
      lock.unlock();
      return make(call);
    }
    calls_.push_back(std::move(call));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  changed_.notify_one();
}

void Callbacks::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !calls_.empty(); });
    if (calls_.empty()) break;
    std::function<void()> call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    make(call);
    call = nullptr;  // what it holds may be the last of something, so without the lock
    lock.lock();
  }
  ended_ = true;
}

}  // namespace acre::executor

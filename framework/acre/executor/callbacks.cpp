#include <acre/executor/callbacks.hpp>

namespace acre::executor {
namespace {
void make(const std::function<void()>& call) noexcept {
  try {
    call();
  } catch (...) {
    // Nobody is there to catch it; the task's own failure is in its future.
  }
}
}  // namespace

void Callbacks::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Callbacks::post(std::function<void()> call) {
  {
    std::unique_lock lock(mutex_);
    if (stopping_) {
      lock.unlock();
      make(call);
      return;
    }
    calls_.push_back(std::move(call));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  changed_.notify_one();
}

bool Callbacks::on_this_thread() const {
  const std::lock_guard lock(mutex_);
  return thread_.get_id() == std::this_thread::get_id();
}

void Callbacks::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || !calls_.empty(); });
    if (calls_.empty()) return;
    const std::function<void()> call = std::move(calls_.front());
    calls_.pop_front();
    lock.unlock();
    make(call);
    lock.lock();
  }
}

}  // namespace acre::executor

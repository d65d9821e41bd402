// Callbacks run on a thread of their own: never in a waiter, who may hold the user's locks.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace acre::executor {

/// A queue of calls and the thread that makes them, started at the first call. Any thread.
class Callbacks {
 public:
  Callbacks() = default;
  Callbacks(const Callbacks&) = delete;
  Callbacks& operator=(const Callbacks&) = delete;

  /// Makes the call soon, on the callback thread; what it throws is printed nowhere and ignored, as nobody is
  /// there to catch it.
  void post(std::function<void()> call);
  /// Makes the calls that wait, then ends the thread; later calls are made at once by who posts them. Blocks.
  void stop();
  /// Whether the caller is the callback thread.
  bool on_this_thread() const;

 private:
  void run();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  std::thread thread_;
  bool stopping_ = false;
};

}  // namespace acre::executor

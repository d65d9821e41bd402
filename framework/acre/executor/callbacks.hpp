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

  /// Makes the call soon, on the callback thread; once that has ended, now.
  void post(std::function<void()> call);
  /// Makes the calls that wait and those that they post, then ends the thread. Blocks.
  void stop();

  /// Makes a call here and now. What it throws is said in a sentence on stderr: nobody is there to catch it.
  static void make(const std::function<void()>& call) noexcept;
  /// Whether this thread is making a call, and so must not wait for another one. Any thread.
  static bool inside() noexcept;

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  std::thread thread_;
  bool stopping_ = false;
  bool ended_ = false;  ///< no thread makes calls any more
};

}  // namespace acre::executor

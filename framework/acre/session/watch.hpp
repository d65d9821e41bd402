// The signal watch: a thread that turns signals into drains.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include <acre/channel/doorbell.hpp>
#include <acre/launch/signals.hpp>

namespace acre::session {

/// Exit statuses of runs that were told to end before all was done: 128 + SIGINT, and EX_TEMPFAIL of
/// sysexits.h.
inline constexpr int interrupted = 130, try_again = 75;

/// Takes in INT, TERM, HUP and USR1 while it lives. The first one asks for a drain; an INT or TERM after an
/// INT or TERM ends the process at once (its zygote sweeps the workers).
class Watch {
 public:
  /// `drain` is called on the watch's thread, once; a readable descriptor among `others` asks for it too.
  Watch(std::function<void()> drain, std::vector<int> others);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// The exit status the signal stands for: 130 for INT, 75 for the others; 0 if there was none. Any thread.
  int status() const noexcept { return status_.load(); }

 private:
  void run();
  void heard(int signal);
  std::function<void()> drain_;
  std::vector<int> others_;
  launch::SignalWatch signals_;
  channel::EventBell stop_;
  std::atomic<int> status_ = 0;
  bool warned_ = false;  ///< whether an INT or TERM has been heard; of the watch's thread
  std::thread thread_;
};

}  // namespace acre::session

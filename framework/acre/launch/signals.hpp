// The signals that reach a program from a terminal, a launcher or a batch system, taken in as data.
#pragma once

#include <optional>

namespace acre::launch {

/// Blocks INT, TERM, HUP, USR1, USR2 and XFSZ (a write beyond a size limit then is an error, not the end) in
/// the calling thread, and so in threads and processes it makes later. Call it before threads exist. Does not
/// block; does not throw.
void block_signals() noexcept;

/// Gives every signal its default action and unblocks all: between fork and exec of a command, which must not
/// inherit our deafness. Async-signal-safe; does not throw.
void reset_signals() noexcept;

/// The blocked INT, TERM, HUP and USR1 as they arrive, one at a time. One thread at a time; the descriptor
/// may be polled from any. A process forked later reads its own signals from it, not its parent's
/// (signalfd(2)).
class SignalWatch {
 public:
  /// Call block_signals() first. Throws acre::Error if the system has no descriptor left.
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Readable when next() has something: non-blocking, close-on-exec.
  int descriptor() const noexcept { return descriptor_; }

  /// The number of a signal that arrived, or nothing. Does not block. Throws acre::Error if reading fails.
  std::optional<int> next();

 private:
  int descriptor_;
};

}  // namespace acre::launch

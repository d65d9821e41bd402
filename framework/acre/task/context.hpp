// What a task may know about itself, and what its worker does for it.
#pragma once

#include <cstdint>
#include <string>

#include <acre/base/error.hpp>
#include <acre/base/time.hpp>
#include <acre/random/random.hpp>

namespace acre::task {

/// What a worker does for the attempt that it runs. Used from the attempt's thread.
class Host {
 public:
  virtual bool stop_requested() noexcept = 0;
  virtual Duration remaining() const noexcept = 0;
  virtual const std::string& scratch() = 0;
  virtual void log(const std::string& text) = 0;

 protected:
  ~Host() = default;
};

}  // namespace acre::task

namespace acre {

/// Injected as a leading parameter `acre::Context&`. Local to the attempt; used from the task's thread.
class Context {
 public:
  /// Without a host, as in a test of a task function, nothing stops the task and nothing is logged.
  Context(std::uint64_t index, int attempt, std::uint64_t key, task::Host* host = nullptr)
      : random_(key, index), index_(index), key_(key), attempt_(attempt), host_(host) {}

  /// Index of the task: its place in the map, or the order of its submit.
  std::uint64_t index() const noexcept { return index_; }
  /// Number of this attempt, from 1.
  int attempt() const noexcept { return attempt_; }
  /// The task's random stream: the same for a task whatever worker, attempt or order.
  Random& random() noexcept { return random_; }
  /// The key of that stream, for bulk generators that take (key, index).
  std::uint64_t key() const noexcept { return key_; }

  /// Whether the task should return soon: the run is ending (a signal, the end of the job), or its executor
  /// has been shut down with cancel_pending or has failed. Does not block; costs nanoseconds. A task that has
  /// asked before has kill_grace to return when its executor is shut down. Future::cancel() leaves a task
  /// that runs alone, as Python's does, and what is ended for its timeout gets SIGTERM.
  bool stop_requested() const noexcept { return host_ != nullptr && host_->stop_requested(); }
  /// Time until the task's timeout or the end of the job, whichever comes first; Duration::max() if neither
  /// is known. Never negative.
  Duration remaining() const noexcept { return host_ == nullptr ? Duration::max() : host_->remaining(); }
  /// Path of a folder of this attempt alone, empty at first, in $TMPDIR or /tmp of its node. It is removed
  /// with all that is in it when the attempt has ended, also if that killed its worker; with workers that are
  /// threads of the program a kill of that leaves it. Throws acre::Error if it cannot be made.
  const std::string& scratch() const {
    if (host_ == nullptr) throw Error("this context has no worker that could make a scratch folder");
    return host_->scratch();
  }
  /// A line on the program's stderr, "[task 17] text"; of text with several lines each. Blocks as stderr
  /// does.
  void log(const std::string& text) const {
    if (host_ != nullptr) host_->log(text);
  }

 private:
  Random random_;
  std::uint64_t index_, key_;
  int attempt_;
  task::Host* host_;
};

}  // namespace acre

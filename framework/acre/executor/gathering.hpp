// Waiting for many futures at once, wherever they come from.
#pragma once

#include <map>

#include <acre/executor/shared_state.hpp>

namespace acre::executor {

/// While it lives, these engines see to each result at once, as somebody waits elsewhere.
class Attending {
 public:
  explicit Attending(std::span<const std::shared_ptr<Engine>> engines);
  ~Attending();
  Attending(const Attending&) = delete;
  Attending& operator=(const Attending&) = delete;

 private:
  const std::span<const std::shared_ptr<Engine>> engines_;
};

/// Futures that are waited for together; yields them as they end. One thread at a time.
class Gathering {
 public:
  /// Adds one more; the same one again is yielded again. Does not block.
  void add(const StateHandle& state);
  /// Are all yielded that were added?
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  /// Has one ended that was not yielded yet?
  bool any_ended() const { return !arrivals_->empty(); }
  /// The next one to end; null if it is empty, or if the deadline has passed first. Blocks, driving the
  /// engine if all are its tasks; throws WouldDeadlock.
  StateHandle next(Instant deadline = Instant::never());

 private:
  bool wait(Instant deadline);
  void count(const SharedState& state, int more);

  std::shared_ptr<Arrivals> arrivals_ = std::make_shared<Arrivals>();
  std::map<std::shared_ptr<Engine>, int> engines_;  ///< and how many of the futures need each
  std::size_t size_ = 0, local_ = 0;                ///< all, and those that are no tasks
};

}  // namespace acre::executor

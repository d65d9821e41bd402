// as_completed: futures in the order in which they end.
#pragma once

#include <unordered_map>
#include <vector>

#include <acre/executor/future.hpp>
#include <acre/executor/gathering.hpp>

namespace acre {

/// A single-pass range over futures as they end; more can be added while iterating. One thread at a time.
template <class T>
class AsCompleted {
 public:
  /// Of these futures; the time counts from now.
  AsCompleted(const std::vector<Future<T>>& futures, std::optional<Duration> timeout)
      : deadline_(executor::deadline_after(timeout)) {
    for (const auto& future : futures) add(future);
  }

  /// Adds a future to those that are waited for. Does not block.
  void add(const Future<T>& future) {
    if (pending_.emplace(future.state().get(), future).second) gathering_.add(future.state());
  }

  class iterator {
   public:
    using value_type = Future<T>;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(AsCompleted* range) : range_(range) {}
    Future<T>& operator*() const { return *range_->current_; }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    bool operator==(std::default_sentinel_t) const { return !range_->current_; }

   private:
    AsCompleted* range_ = nullptr;
  };

  /// Waits for the next future to end. Blocks; throws TimeoutError when the time is over first.
  iterator begin() {
    if (!current_) advance();
    return iterator(this);
  }
  /// Reached when all have ended.
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    current_.reset();
    if (pending_.empty()) return;
    const auto state = gathering_.next(deadline_);
    if (!state)
      throw TimeoutError(std::to_string(pending_.size()) +
                         " of the futures have not ended in the time given");
    const auto at = pending_.find(state.get());
    current_ = at->second;
    pending_.erase(at);
  }

  std::unordered_map<executor::SharedState*, Future<T>> pending_;
  executor::Gathering gathering_;
  std::optional<Future<T>> current_;
  Instant deadline_;
};

/// The futures in the order in which they end; the time counts from now. Any thread; iterating blocks.
template <class T>
AsCompleted<T> as_completed(const std::vector<Future<T>>& futures, std::optional<Duration> timeout = {}) {
  return {futures, timeout};
}

}  // namespace acre

// Results: what a map yields, as a single-pass input range.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include <acre/executor/future.hpp>
#include <acre/executor/map_run.hpp>
#include <acre/executor/outcome.hpp>

namespace acre {

namespace executor {
/// How a range of Yield makes its items of tasks that have ended.
template <class Yield>
struct Yielded {
  using Item = ValueOf<Yield>;
  static Item of(EndedItem& item) { return take_value<Yield>(item); }
};
template <class T>
struct Yielded<Outcome<T>> {
  using Item = Outcome<T>;
  static Item of(EndedItem& item) { return Item(item); }
};
}  // namespace executor

/// A single-pass, move-only input range of results (empty ones for functions that return nothing). Iterate
/// from one thread. Advancing blocks until the next
/// result is there and throws what that task failed with, and TimeoutError beyond the timeout of the map;
/// iteration can go on after it (call begin() again).
/// Destroying the range takes back what has not started.
template <class T>
class Results {
 public:
  /// What iterating yields.
  using Item = typename executor::Yielded<T>::Item;

  /// Made by the maps of Executor.
  explicit Results(std::unique_ptr<executor::MapRun> run) : run_(std::move(run)) {}

  class iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(Results* results) : results_(results) {}
    Item& operator*() const { return *results_->value_; }
    Item* operator->() const { return &*results_->value_; }
    iterator& operator++() {
      results_->advance();
      return *this;
    }
    void operator++(int) { results_->advance(); }
    bool operator==(std::default_sentinel_t) const { return !results_->value_; }

   private:
    Results* results_ = nullptr;
  };

  /// Waits for the next result. Blocks; throws what the task failed with.
  iterator begin() {
    if (!value_) advance();
    return iterator(this);
  }
  /// Reached when there are no more results.
  std::default_sentinel_t end() const noexcept { return {}; }

  /// The next result, for those who do not iterate; nothing at the end. Blocks; throws what the task failed
  /// with, and TimeoutError if it is not there in the time given: then it can be asked for again.
  std::optional<Item> next(std::optional<Duration> timeout = {}) {
    advance(executor::deadline_after(timeout));
    return std::exchange(value_, std::nullopt);
  }

 private:
  void advance(Instant deadline = Instant::never()) {
    value_.reset();
    if (auto item = run_->next(deadline)) value_.emplace(executor::Yielded<T>::of(*item));
  }

  std::unique_ptr<executor::MapRun> run_;
  std::optional<Item> value_;
};

}  // namespace acre

// Results: what a map yields, as a single-pass input range.
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <variant>

#include <acre/executor/map_run.hpp>
#include <acre/wire/codec.hpp>

namespace acre {

/// A single-pass, move-only input range of results (empty ones for functions that return nothing). Iterate
/// from one thread. Advancing blocks until the next
/// result is there and throws what that task failed with; iteration can go on after it (call begin() again).
/// Destroying the range takes back what has not started.
template <class T>
class Results {
 public:
  using Item = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

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
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    value_.reset();
    const auto state = run_->next();
    if (state == nullptr) return;
    if constexpr (std::is_void_v<T>) {
      state->rethrow();
      value_.emplace();
    } else {
      value_.emplace(executor::take_value<T>(*state));
    }
  }

  std::unique_ptr<executor::MapRun> run_;
  std::optional<Item> value_;
};

}  // namespace acre

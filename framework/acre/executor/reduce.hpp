// Reductions: blocks of items folded by tasks, and the blocks' results on a fixed tree.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <acre/executor/map_run.hpp>
#include <acre/task/signature.hpp>

namespace acre {

/// How a reduction runs.
struct ReduceOptions {
  /// Items that one task folds. The order of all operations, and with it the rounding, depends on this number
  /// and on nothing else.
  std::size_t block = 256;
  MapOptions map = {};  ///< of the tasks, whose items are blocks
};

}  // namespace acre

namespace acre::executor {

/// The items of a range in vectors of one size, the last one smaller: a single-pass range.
template <class Item, class Range>
class Blocks {
 public:
  Blocks(Range&& items, std::size_t size) : items_(std::forward<Range>(items)), size_(size) {}

  class iterator {
   public:
    using value_type = std::vector<Item>;
    using difference_type = std::ptrdiff_t;
    explicit iterator(Blocks* blocks) : blocks_(blocks) {}
    std::vector<Item>& operator*() const { return blocks_->block_; }
    iterator& operator++() {
      blocks_->read();
      return *this;
    }
    void operator++(int) { blocks_->read(); }
    bool operator==(std::default_sentinel_t) const { return blocks_->block_.empty(); }

   private:
    Blocks* blocks_;
  };

  iterator begin() {
    at_.emplace(std::ranges::begin(items_));
    read();
    return iterator(this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  void read() {
    block_.clear();
    for (; block_.size() < size_ && *at_ != std::ranges::end(items_); ++*at_)
      block_.push_back(static_cast<Item>(**at_));
  }

  Range items_;
  std::size_t size_;
  std::optional<std::ranges::iterator_t<Range>> at_;
  std::vector<Item> block_;
};

/// The task that folds a block from its first item to its last.
template <auto F, auto Combine, class Injected, class Passed>
struct Fold;
template <auto F, auto Combine, class... I, class P>
struct Fold<F, Combine, task::Types<I...>, task::Types<P>> {
  using Item = std::remove_cvref_t<P>;
  using Result = task::ResultOf<decltype(F)>;
  static Result block(I... injected, std::vector<Item> items) {
    Result total = std::invoke(F, injected..., std::move(items.front()));
    for (std::size_t i = 1; i < items.size(); ++i)
      total = std::invoke(Combine, std::move(total), std::invoke(F, injected..., std::move(items[i])));
    return total;
  }
};
template <auto F, auto Combine, class S = task::Signature<std::decay_t<decltype(F)>>>
using FoldOf = Fold<F, Combine, typename S::Injected, typename S::Passed>;

/// Combines values pairwise as they come: neighbours that stand for as many values each.
template <auto Combine, class T>
class Tree {
 public:
  void add(T value) {
    std::size_t level = 0;
    for (; !open_.empty() && open_.back().level == level; ++level) value = joined(std::move(value));
    open_.push_back({level, std::move(value)});
  }
  /// All of them after `init`; the tree is empty then.
  T total(T init) {
    if (open_.empty()) return init;
    T rest = std::move(open_.back().value);
    open_.pop_back();
    while (!open_.empty()) rest = joined(std::move(rest));
    return std::invoke(Combine, std::move(init), std::move(rest));
  }

 private:
  struct Part {
    std::size_t level;
    T value;
  };
  T joined(T right) {
    T left = std::move(open_.back().value);
    open_.pop_back();
    return std::invoke(Combine, std::move(left), std::move(right));
  }
  std::vector<Part> open_;  ///< of levels that fall from the first one on
};

/// Refuses at compile time, in a sentence, what cannot be reduced.
template <auto F, auto Combine, class Item>
constexpr void check_reduction() {
  using Function = std::decay_t<decltype(F)>;
  task::check_task<Function, Item>();
  using Result = task::ResultOf<Function>;
  static_assert(std::is_invocable_r_v<Result, decltype(Combine), Result, Result>,
                "acre: the second function of reduce makes one result of two results of the first.");
}

}  // namespace acre::executor

// Ranges of every strictness to map over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>

namespace acre::test {

/// A single-pass range that makes its items as it is read: 0, 1, 2 … below `end`. Can be moved, not copied;
/// adds each item it makes to `*made`, if that is given.
class CountUp {
 public:
  static constexpr std::uint64_t for_ever = std::numeric_limits<std::uint64_t>::max();
  explicit CountUp(std::uint64_t end = for_ever, std::uint64_t* made = nullptr) : end_(end), made_(made) {}
  CountUp(CountUp&&) = default;
  CountUp& operator=(CountUp&&) = default;

  class iterator {
   public:
    using value_type = std::uint64_t;
    using difference_type = std::ptrdiff_t;
    explicit iterator(CountUp* range) : range_(range) {}
    iterator(iterator&&) = default;
    iterator& operator=(iterator&&) = default;
    std::uint64_t operator*() const {
      if (range_->made_ != nullptr) ++*range_->made_;
      return range_->at_;
    }
    iterator& operator++() {
      ++range_->at_;
      return *this;
    }
    void operator++(int) { ++range_->at_; }
    bool operator==(std::default_sentinel_t) const { return range_->at_ == range_->end_; }

   private:
    CountUp* range_;
  };

  iterator begin() { return iterator(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  std::uint64_t at_ = 0, end_;
  std::uint64_t* made_;
};

/// A single-pass range of items that can only be moved.
class OwnedItems {
 public:
  explicit OwnedItems(int end) : end_(end) {}
  class iterator {
   public:
    using value_type = std::unique_ptr<int>;
    using difference_type = std::ptrdiff_t;
    iterator(int at, int end) : at_(at), end_(end) {}
    iterator(iterator&&) = default;
    iterator& operator=(iterator&&) = default;
    std::unique_ptr<int> operator*() const { return std::make_unique<int>(at_); }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    void operator++(int) { ++at_; }
    bool operator==(std::default_sentinel_t) const { return at_ == end_; }

   private:
    int at_, end_;
  };
  iterator begin() const { return {0, end_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  int end_;
};

}  // namespace acre::test

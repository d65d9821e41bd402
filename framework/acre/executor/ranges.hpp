// Ranges for functions of several arguments: zip and same.
#pragma once

#include <cstddef>
#include <iterator>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>

namespace acre {

/// An endless range of one value, made by same().
template <class T>
class Same {
 public:
  /// Made by same().
  explicit Same(T value) : value_(std::move(value)) {}

  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const T* value) : value_(value) {}
    const T& operator*() const { return *value_; }
    iterator& operator++() { return *this; }
    iterator operator++(int) { return *this; }
    bool operator==(const iterator&) const = default;

   private:
    const T* value_ = nullptr;
  };

  /// Where it begins.
  iterator begin() const { return iterator(&value_); }
  /// Never reached.
  std::unreachable_sentinel_t end() const { return {}; }

 private:
  T value_;
};

/// The argument that every task of a map gets, as a range beside others. Any thread; does not block.
template <class T>
Same<std::decay_t<T>> same(T&& value) {
  return Same<std::decay_t<T>>(std::forward<T>(value));
}

/// A single-pass range of tuples of what several ranges yield, made by zip().
template <class... R>
class Zip {
 public:
  /// Made by zip().
  explicit Zip(R&&... ranges) : ranges_(std::forward<R>(ranges)...) {}

  class iterator {
   public:
    using value_type = std::tuple<std::ranges::range_reference_t<R>...>;
    using difference_type = std::ptrdiff_t;
    explicit iterator(std::tuple<R...>& ranges)
        : at_(std::apply([](auto&... r) { return At(std::ranges::begin(r)...); }, ranges)),
          end_(std::apply([](auto&... r) { return End(std::ranges::end(r)...); }, ranges)) {}

    value_type operator*() const {
      return std::apply([](const auto&... at) { return value_type(*at...); }, at_);
    }
    iterator& operator++() {
      std::apply([](auto&... at) { (static_cast<void>(++at), ...); }, at_);
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return ended(std::index_sequence_for<R...>{}); }

   private:
    using At = std::tuple<std::ranges::iterator_t<R>...>;
    using End = std::tuple<std::ranges::sentinel_t<R>...>;
    template <std::size_t... I>
    bool ended(std::index_sequence<I...>) const {
      return ((std::get<I>(at_) == std::get<I>(end_)) || ...);
    }
    At at_;
    End end_;
  };

  /// Reads the first item of each range.
  iterator begin() { return iterator(ranges_); }
  /// Reached with the end of the shortest.
  std::default_sentinel_t end() const { return {}; }

 private:
  std::tuple<R...> ranges_;
};

/// The ranges side by side, as a range of tuples that ends with the shortest. Owns those passed as rvalues,
/// refers to the others; read lazily. Any thread; does not block.
template <std::ranges::input_range... R>
requires(sizeof...(R) > 0) Zip<R...> zip(R&&... ranges) { return Zip<R...>(std::forward<R>(ranges)...); }

}  // namespace acre

// What is going to happen in a simulated world, by virtual time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <acre/base/time.hpp>

namespace acre::simulate {

/// A priority queue by (time, order of pushing). Items of one stream are taken in the order in which they
/// were pushed if their times do not decrease; stream 0 stands for no order. A value; one thread at a time;
/// nothing blocks; throws when memory runs out.
template <class What>
class EventQueue {
 public:
  struct Item {
    Instant at;
    std::uint64_t number = 0;
    std::uint32_t stream = 0;
    What what;
  };

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }

  void push(Instant at, std::uint32_t stream, What what) {
    items_.push_back({at, next_number_++, stream, std::move(what)});
    std::push_heap(items_.begin(), items_.end(), later);
  }

  /// Takes out the first item; there must be one.
  Item pop() {
    std::pop_heap(items_.begin(), items_.end(), later);
    Item item = std::move(items_.back());
    items_.pop_back();
    return item;
  }

  /// The numbers of all items that have no earlier one of their stream before them, in ascending order: what
  /// could happen next if times meant nothing.
  std::vector<std::uint64_t> heads() const {
    std::vector<std::uint64_t> numbers;
    for (const Item& item : items_) {
      const bool first = item.stream == 0 || std::ranges::none_of(items_, [&](const Item& other) {
                           return other.stream == item.stream && other.number < item.number;
                         });
      if (first) numbers.push_back(item.number);
    }
    std::ranges::sort(numbers);
    return numbers;
  }

  /// The item of this number, which must be there.
  const Item& look(std::uint64_t number) const {
    return *std::ranges::find(items_, number, [](const Item& item) { return item.number; });
  }

  /// Takes out the item of this number, which must be there; in linear time.
  Item take(std::uint64_t number) {
    const auto at = std::ranges::find(items_, number, [](const Item& item) { return item.number; });
    Item item = std::move(*at);
    items_.erase(at);
    std::make_heap(items_.begin(), items_.end(), later);
    return item;
  }

  /// Removes all items of which `gone` is true; in linear time.
  template <class Gone>
  void remove(Gone gone) {
    std::erase_if(items_, [&](const Item& item) { return gone(item.what); });
    std::make_heap(items_.begin(), items_.end(), later);
  }

 private:
  static bool later(const Item& a, const Item& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }

  std::vector<Item> items_;
  std::uint64_t next_number_ = 0;
};

}  // namespace acre::simulate

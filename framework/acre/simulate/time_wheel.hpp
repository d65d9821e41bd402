// A queue of future events for large simulations: constant cost for events that lie within its horizon.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <acre/base/time.hpp>

namespace acre::simulate {

/// Events by time, to about a microsecond: those of one slot of 2^10 ns come in the order of pushing (a
/// calendar queue: Brown, CACM 31(10), 1988). A value; one thread at a time; nothing blocks; throws when
/// memory runs out.
template <class What>
class TimeWheel {
 public:
  bool empty() const { return size_ == 0; }

  /// `at` must not be before the time of the last event taken.
  void push(std::int64_t at_ns, What what) {
    const std::int64_t slot = std::max(at_ns >> slot_bits, slot_);
    ++size_;
    if (slot - slot_ < slots) {
      near_[static_cast<std::size_t>(slot % slots)].push_back(what);
      ++near_size_;
    } else {
      far_.push_back({slot, number_++, what});
      std::push_heap(far_.begin(), far_.end(), later);
    }
  }

  /// Takes out the first event and tells its time; there must be one.
  What pop(std::int64_t& at_ns) {
    while (taken_ == current().size()) next_slot();
    --size_;
    --near_size_;
    at_ns = slot_ << slot_bits;
    return current()[taken_++];
  }

 private:
  static constexpr int slot_bits = 10;
  static constexpr std::int64_t slots = 1 << 16;
  struct Far {
    std::int64_t slot;
    std::uint64_t number;
    What what;
  };
  static bool later(const Far& a, const Far& b) {
    return a.slot != b.slot ? a.slot > b.slot : a.number > b.number;
  }

  std::vector<What>& current() { return near_[static_cast<std::size_t>(slot_ % slots)]; }

  void next_slot() {
    current().clear();
    taken_ = 0;
    slot_ = near_size_ == 0 ? far_.front().slot : slot_ + 1;
    while (!far_.empty() && far_.front().slot - slot_ < slots) {
      std::pop_heap(far_.begin(), far_.end(), later);
      near_[static_cast<std::size_t>(far_.back().slot % slots)].push_back(far_.back().what);
      far_.pop_back();
      ++near_size_;
    }
  }

  std::vector<std::vector<What>> near_ = std::vector<std::vector<What>>(slots);
  std::vector<Far> far_;
  std::int64_t slot_ = 0;
  std::size_t taken_ = 0, size_ = 0, near_size_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace acre::simulate

#include <algorithm>
#include <bit>

#include <acre/schedule/timer_wheel.hpp>

namespace acre::schedule {

void TimerWheel::set(std::uint32_t index, Instant when) {
  if (lists_.empty()) lists_.resize(std::size_t{levels} * slots);
  if (index >= nodes_.size()) nodes_.resize(index + std::size_t{1});
  if (nodes_[index].slot != nothing) remove(index);
  // Rounded up, so that no timer fires early.
  constexpr std::int64_t tick_ns = std::int64_t{1} << tick_bits;
  const bool far = when.ns > Instant::never().ns - tick_ns;
  nodes_[index].tick = std::max(far ? when.ns >> tick_bits : (when.ns + tick_ns - 1) >> tick_bits, tick_);
  insert(index);
}

void TimerWheel::clear(std::uint32_t index) {
  if (is_set(index)) remove(index);
}

/// The level is that of the highest digit in which the timer's tick differs from the present one.
void TimerWheel::insert(std::uint32_t index) {
  Node& node = nodes_[index];
  const auto differ = static_cast<std::uint64_t>(node.tick ^ tick_);
  const auto level = differ == 0 ? 0 : (static_cast<std::uint32_t>(std::bit_width(differ)) - 1) / slot_bits;
  const auto place = static_cast<std::uint32_t>(node.tick >> (level * slot_bits)) % slots;
  node.slot = level * slots + place;
  push_back<&Node::links>(nodes_, lists_[node.slot], index);
  used_[level] |= std::uint64_t{1} << place;
  ++size_;
}

void TimerWheel::remove(std::uint32_t index) {
  const std::uint32_t slot = nodes_[index].slot;
  erase<&Node::links>(nodes_, lists_[slot], index);
  if (lists_[slot].size == 0) used_[slot / slots] &= ~(std::uint64_t{1} << slot % slots);
  nodes_[index].slot = nothing;
  --size_;
}

/// The first slot with timers. Those of a lower level come first, and no slot lies behind the present.
TimerWheel::Place TimerWheel::first() const {
  for (std::uint32_t level = 0; level < levels; ++level) {
    if (used_[level] == 0) continue;
    const auto place = static_cast<std::uint32_t>(std::countr_zero(used_[level]));
    const std::uint32_t shift = level * slot_bits;
    const std::int64_t above = tick_ >> (shift + slot_bits) << (shift + slot_bits);
    return {level, level * slots + place, std::max(tick_, above + (std::int64_t{place} << shift))};
  }
  return {};
}

std::uint32_t TimerWheel::next_due(Instant now) {
  const std::int64_t tick = now.ns >> tick_bits;
  while (size_ != 0) {
    const Place place = first();
    if (place.tick > tick) break;
    tick_ = place.tick;
    // All of a slot goes to lower levels before any of it fires, or what is set then could overtake the rest.
    do {
      const std::uint32_t index = lists_[place.slot].head;
      remove(index);
      if (place.level == 0) return index;
      insert(index);
    } while (lists_[place.slot].size != 0);
  }
  tick_ = std::max(tick_, tick);
  return nothing;
}

Instant TimerWheel::next() const {
  return size_ == 0 ? Instant::never() : Instant{first().tick << tick_bits};
}

std::size_t TimerWheel::memory_bytes() const {
  return nodes_.capacity() * sizeof(Node) + lists_.capacity() * sizeof(List);
}

}  // namespace acre::schedule

#include <algorithm>
#include <bit>

#include <acre/schedule/load_index.hpp>

namespace acre::schedule {

std::uint32_t LoadIndex::bucket_of(std::uint64_t load, std::uint64_t workers, std::uint64_t speed) {
  if (load < workers) return static_cast<std::uint32_t>(load * 8 / workers);
  // What waits is rounded up, which keeps exactly one task per worker apart from a little more.
  const std::uint64_t power = workers * speed;
  const std::uint64_t eighths = 8 + ((load - workers) * normal_speed * 8 + power - 1) / power;
  const auto octave = static_cast<std::uint32_t>(std::bit_width(eighths >> 4));
  return std::min(octave * 8 + static_cast<std::uint32_t>(eighths >> octave), bucket_count - 1);
}

void LoadIndex::place(std::uint32_t member, std::uint32_t load, std::uint32_t workers, std::uint32_t speed) {
  if (member >= nodes_.size()) nodes_.resize(member + std::size_t{1});
  const std::uint32_t bucket = bucket_of(load, workers, speed);
  if (nodes_[member].bucket == bucket) return;
  const bool new_here = nodes_[member].bucket == nothing;
  if (!new_here) remove(member);
  if (load == 0 && !new_here)
    push_front<&Node::links>(nodes_, buckets_[bucket], member);
  else
    push_back<&Node::links>(nodes_, buckets_[bucket], member);
  nodes_[member].bucket = bucket;
  used_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
}

void LoadIndex::remove(std::uint32_t member) {
  const std::uint32_t bucket = nodes_[member].bucket;
  erase<&Node::links>(nodes_, buckets_[bucket], member);
  nodes_[member].bucket = nothing;
  if (buckets_[bucket].size == 0) used_[bucket / 64] &= ~(std::uint64_t{1} << (bucket % 64));
}

std::uint32_t LoadIndex::least() const {
  for (std::size_t word = 0; word < used_.size(); ++word) {
    if (used_[word] != 0)
      return buckets_[word * 64 + static_cast<std::size_t>(std::countr_zero(used_[word]))].head;
  }
  return nothing;
}

std::uint32_t LoadIndex::most() const {
  for (std::size_t word = used_.size(); word-- > 0;) {
    if (used_[word] != 0) {
      return buckets_[word * 64 + 63 - static_cast<std::size_t>(std::countl_zero(used_[word]))].head;
    }
  }
  return nothing;
}

bool LoadIndex::is_placed(std::uint32_t member, std::uint32_t load, std::uint32_t workers,
                          std::uint32_t speed) const {
  return member < nodes_.size() && nodes_[member].bucket == bucket_of(load, workers, speed);
}

std::uint32_t LoadIndex::check() const {
  std::uint32_t members = 0;
  for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket) {
    check_list<&Node::links>(nodes_, buckets_[bucket], [&](std::uint32_t member) {
      ACRE_CHECK(nodes_[member].bucket == bucket, "a member knows its bucket");
    });
    const bool used = (used_[bucket / 64] >> (bucket % 64) & 1) != 0;
    ACRE_CHECK(used == (buckets_[bucket].size != 0), "the bits tell which buckets are empty");
    members += buckets_[bucket].size;
  }
  return members;
}

}  // namespace acre::schedule

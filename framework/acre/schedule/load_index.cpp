#include <algorithm>
#include <bit>

#include <acre/schedule/load_index.hpp>

namespace acre::schedule {

std::uint32_t LoadIndex::bucket_of(std::uint64_t load, std::uint32_t workers) {
  // Rounding away from one task per worker keeps exactly one apart from a little more and a little less.
  const std::uint64_t round_up = load > workers ? workers - 1 : 0;
  const std::uint64_t eighths = workers == 1 ? load * 8 : (load * 8 + round_up) / workers;
  if (eighths < 8) return static_cast<std::uint32_t>(eighths);
  const auto octave = static_cast<std::uint32_t>(std::bit_width(eighths)) - 4;
  return std::min(octave * 8 + static_cast<std::uint32_t>(eighths >> octave), bucket_count - 1);
}

void LoadIndex::place(std::uint32_t member, std::uint32_t load, std::uint32_t workers) {
  if (member >= nodes_.size()) nodes_.resize(member + std::size_t{1});
  const std::uint32_t bucket = bucket_of(load, workers);
  if (nodes_[member].bucket == bucket) return;
  if (nodes_[member].bucket != nothing) remove(member);
  push_back(nodes_, buckets_[bucket], member);
  nodes_[member].bucket = bucket;
  used_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
}

void LoadIndex::remove(std::uint32_t member) {
  const std::uint32_t bucket = nodes_[member].bucket;
  erase(nodes_, buckets_[bucket], member);
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

bool LoadIndex::is_placed(std::uint32_t member, std::uint32_t load, std::uint32_t workers) const {
  return member < nodes_.size() && nodes_[member].bucket == bucket_of(load, workers);
}

std::uint32_t LoadIndex::check() const {
  std::uint32_t members = 0;
  for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket) {
    check_list(nodes_, buckets_[bucket], [&](std::uint32_t member) {
      ACRE_CHECK(nodes_[member].bucket == bucket, "a member knows its bucket");
    });
    const bool used = (used_[bucket / 64] >> (bucket % 64) & 1) != 0;
    ACRE_CHECK(used == (buckets_[bucket].size != 0), "the bits tell which buckets are empty");
    members += buckets_[bucket].size;
  }
  return members;
}

}  // namespace acre::schedule

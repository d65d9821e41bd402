#include <acre/campaign/row_index.hpp>

namespace acre::campaign {

bool RowIndex::add(std::uint64_t index, std::uint64_t offset, bool failed) {
  const std::uint64_t number = index / page_size;
  if (last_ == nullptr || last_number_ != number) last_ = &pages_.try_emplace(number).first->second;
  last_number_ = number;
  std::uint64_t& entry = (*last_)[index % page_size];
  if (entry != 0) return false;
  entry = offset;
  ++rows_;
  failures_ += failed ? 1 : 0;
  return true;
}

std::optional<std::uint64_t> RowIndex::find(std::uint64_t index) const {
  const auto page = pages_.find(index / page_size);
  if (page == pages_.end() || page->second[index % page_size] == 0) return std::nullopt;
  return page->second[index % page_size];
}

std::optional<RowIndex::Entry> RowIndex::next(std::uint64_t from) const {
  std::uint64_t slot = from % page_size;
  for (auto page = pages_.lower_bound(from / page_size); page != pages_.end(); ++page) {
    if (page->first != from / page_size) slot = 0;
    for (; slot < page_size; ++slot) {
      if (page->second[slot] != 0) return Entry{page->first * page_size + slot, page->second[slot]};
    }
  }
  return std::nullopt;
}

}  // namespace acre::campaign

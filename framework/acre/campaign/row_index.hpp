// Where each recorded task of a stage stands in the journal.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace acre::campaign {

/// Task index to file offset. Pages of 64 entries, so dense indices cost 9 bytes a task and sparse ones do
/// not cost the whole range; neighbours are found without a search. Not thread-safe.
class RowIndex {
 public:
  RowIndex() = default;
  RowIndex(RowIndex&&) = default;
  RowIndex& operator=(RowIndex&&) = default;

  /// False, and nothing changes, if the task is there already. `offset` is not 0.
  bool add(std::uint64_t index, std::uint64_t offset, bool failed);
  /// Whether the task is there.
  bool contains(std::uint64_t index) const { return find(index).has_value(); }
  std::optional<std::uint64_t> find(std::uint64_t index) const;

  struct Entry {
    std::uint64_t index;
    std::uint64_t offset;
  };
  /// The first recorded task whose index is at least `from`.
  std::optional<Entry> next(std::uint64_t from) const;

  std::uint64_t rows() const { return rows_; }
  std::uint64_t failures() const { return failures_; }

 private:
  static constexpr std::uint64_t page_size = 64;
  using Page = std::array<std::uint64_t, page_size>;

  std::map<std::uint64_t, Page> pages_;
  std::uint64_t last_number_ = 0;
  Page* last_ = nullptr;  ///< the page added to last
  std::uint64_t rows_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace acre::campaign

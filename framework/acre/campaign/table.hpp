// Rows turned into columns, a bounded piece at a time: what the HDF5 file and the digest are made from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <acre/base/bytes.hpp>
#include <acre/campaign/journal.hpp>
#include <acre/wire/schema.hpp>

namespace acre::campaign {

/// Some rows of one table: task indices, and each column's bytes one row after the other.
struct Table {
  std::vector<std::size_t> widths;  ///< bytes per row of each column
  std::vector<std::uint64_t> index;
  std::vector<Bytes> columns;

  explicit Table(std::vector<std::size_t> column_widths)
      : widths(std::move(column_widths)), columns(widths.size()) {}
  /// `packed` holds the columns' values in order, without padding.
  void add(std::uint64_t task, ByteView packed);
  void clear();
};

/// What one piece of a stage holds; rows are in order of task index throughout.
struct Piece {
  Table inputs;     ///< columns of input_columns()
  Table results;    ///< of tasks that did not throw
  Table execution;  ///< execution_columns(), then host and build as texts padded with zeros
  struct {
    std::vector<std::uint64_t> index;
    std::vector<std::string> type, message;
  } failures;
};

/// The stage's input columns, or one for the 16 bytes of the input's digest where it has none. Pure.
std::vector<wire::Column> input_columns(const StageInfo& stage);

/// The numbers of /execution. Pure.
const std::vector<wire::Column>& execution_columns();

/// An empty piece for results of this stage alone. Pure.
Piece results_piece(const StageInfo& stage);

/// The length of the longest text, at least 1. Pure.
std::size_t longest(const std::vector<std::string>& texts);

/// Calls `take` with a stage's rows, piece after piece, at most 64 Ki rows or about 16 MiB each, at least one
/// (maybe empty) piece. No row may be appended meanwhile. Blocks on the disk; throws acre::Error.
void for_each_piece(const Journal& journal, std::uint32_t stage,
                    const std::function<void(const Piece&)>& take);

}  // namespace acre::campaign

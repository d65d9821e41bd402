#include <algorithm>
#include <cstring>

#include <acre/campaign/table.hpp>

namespace acre::campaign {
namespace {

constexpr std::size_t piece_rows = std::size_t{1} << 16;
constexpr std::size_t piece_bytes = std::size_t{16} << 20;

void append_padded(Bytes& to, std::string_view text, std::size_t width) {
  const std::size_t at = to.size();
  to.resize(at + width);
  std::memset(to.data() + at, 0, width);
  std::memcpy(to.data() + at, text.data(), std::min(text.size(), width));
}

std::vector<std::size_t> widths_of(const std::vector<wire::Column>& columns) {
  std::vector<std::size_t> widths;
  for (const wire::Column& column : columns) widths.push_back(column.width());
  return widths;
}

/// Collects rows until a piece is full.
class Collector {
 public:
  Collector(const StageInfo& stage, std::vector<std::string> builds, std::size_t host_width)
      : columnar_input_(!stage.input.columns.empty()),
        builds_(std::move(builds)),
        host_width_(host_width),
        build_width_(longest(builds_)),
        piece_{Table(widths_of(input_columns(stage))),
               Table(widths_of(stage.result.columns)),
               Table(execution_widths()),
               {}} {}

  void add(const Row& row) {
    piece_.inputs.add(row.index, columnar_input_ ? row.input : ByteView(row.input_digest));
    if (row.failure) {
      piece_.failures.index.push_back(row.index);
      piece_.failures.type.emplace_back(row.failure->type);
      piece_.failures.message.emplace_back(row.failure->message);
      bytes_ += row.failure->type.size() + row.failure->message.size();
    } else {
      piece_.results.add(row.index, row.result);
    }
    add_execution(row);
    bytes_ += row.input.size() + row.result.size();
  }
  bool full() const { return piece_.inputs.index.size() >= piece_rows || bytes_ >= piece_bytes; }
  const Piece& piece() const { return piece_; }
  void clear() {
    piece_.inputs.clear();
    piece_.results.clear();
    piece_.execution.clear();
    piece_.failures = {};
    bytes_ = 0;
  }

 private:
  std::vector<std::size_t> execution_widths() const {
    std::vector<std::size_t> widths = widths_of(execution_columns());
    widths.insert(widths.end(), {host_width_, build_width_});
    return widths;
  }

  void add_execution(const Row& row) {
    const Execution& how = row.execution;
    packed_.clear();
    append(packed_, bytes_of(how.worker));
    append(packed_, bytes_of(how.rank));
    append(packed_, bytes_of(how.attempt));
    append(packed_, bytes_of(how.start_ns));
    append(packed_, bytes_of(how.run_ns));
    append_padded(packed_, how.host, host_width_);
    append_padded(packed_, builds_[how.build], build_width_);
    piece_.execution.add(row.index, packed_);
  }

  bool columnar_input_;
  std::vector<std::string> builds_;
  std::size_t host_width_;
  std::size_t build_width_;
  Piece piece_;
  std::size_t bytes_ = 0;
  Bytes packed_;
};

}  // namespace

Piece results_piece(const StageInfo& stage) {
  const std::size_t inputs = input_columns(stage).size();
  return {Table(std::vector<std::size_t>(inputs)), Table(widths_of(stage.result.columns)), Table({}), {}};
}

void Table::add(std::uint64_t task, ByteView packed) {
  index.push_back(task);
  for (std::size_t column = 0; column < columns.size(); ++column) {
    append(columns[column], packed.first(widths[column]));
    packed = packed.subspan(widths[column]);
  }
}

void Table::clear() {
  index.clear();
  for (Bytes& column : columns) column.clear();
}

std::vector<wire::Column> input_columns(const StageInfo& stage) {
  if (!stage.input.columns.empty()) return stage.input.columns;
  return {{"digest", wire::Scalar::u8, {std::tuple_size_v<InputDigest>}}};
}

const std::vector<wire::Column>& execution_columns() {
  static const std::vector<wire::Column> columns{{"worker", wire::Scalar::u32, {}},
                                                 {"rank", wire::Scalar::i32, {}},
                                                 {"attempt", wire::Scalar::u32, {}},
                                                 {"start_ns", wire::Scalar::i64, {}},
                                                 {"run_ns", wire::Scalar::i64, {}}};
  return columns;
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t length = 1;
  for (const std::string& text : texts) length = std::max(length, text.size());
  return length;
}

void for_each_piece(const Journal& journal, std::uint32_t stage,
                    const std::function<void(const Piece&)>& take) {
  Collector collector(journal.stages().at(stage), journal.builds(), longest(journal.hosts()));
  JournalReader reader(journal);
  for (std::optional<Row> row = reader.next(stage, 0); row;) {
    collector.add(*row);
    if (collector.full()) {
      take(collector.piece());
      collector.clear();
    }
    if (row->index == UINT64_MAX) break;
    row = reader.next(stage, row->index + 1);
  }
  take(collector.piece());
}

}  // namespace acre::campaign

// Results of tasks in a row, which travel together: what small tasks cost is mostly what each result costs.
#pragma once

#include <cstdint>
#include <vector>

#include <acre/base/copy_bytes.hpp>
#include <acre/task/outcome.hpp>

namespace acre::task {

/// Where the encoded result of one task ends, and when that ran.
struct ValueMark {
  std::uint64_t end = 0;  ///< in the bytes of all
  std::int64_t start_ns = 0, run_ns = 0;
};

ACRE_RECORD(ValueMark, end, start_ns, run_ns)

/// Encoded results of tasks in a row that all returned, on one worker and at the same attempt.
struct Values {
  std::uint32_t attempt = 0;  ///< these three as in Execution
  std::uint32_t worker = 0;
  std::int32_t rank = 0;
  Bytes bytes;  ///< one result after the other
  std::vector<ValueMark> marks;

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(marks.size()); }
  /// The results of `number` tasks from `place` on.
  ByteView bytes_of(std::uint32_t place, std::uint32_t number = 1) const {
    const std::uint64_t begin = place == 0 ? 0 : marks[place - 1].end;
    return ByteView(bytes).subspan(begin, marks[place + number - 1].end - begin);
  }
  Execution execution_of(std::uint32_t place) const {
    return {attempt, worker, rank, marks[place].start_ns, marks[place].run_ns};
  }
  Outcome outcome_of(std::uint32_t place) const;
  /// A copy of `number` of them from `place` on.
  Values part(std::uint32_t place, std::uint32_t number) const;
};

ACRE_RECORD(Values, attempt, worker, rank, bytes, marks)

/// Adds to values, which nobody else uses meanwhile: with some room kept behind their bytes each costs
/// little.
class ValueAdder {
 public:
  explicit ValueAdder(Values& values) : values_(values), end_(values.bytes.size()) {}
  ~ValueAdder() { values_.bytes.resize(end_); }
  ValueAdder(const ValueAdder&) = delete;
  ValueAdder& operator=(const ValueAdder&) = delete;

  /// One more, of a task that ran then.
  void add(ByteView value, std::int64_t start_ns, std::int64_t run_ns) {
    constexpr std::size_t room = 4096;
    if (values_.bytes.size() - end_ < value.size()) values_.bytes.resize(end_ + value.size() + room);
    copy_bytes(values_.bytes.data() + end_, value);
    end_ += value.size();
    values_.marks.push_back({end_, start_ns, run_ns});
  }

 private:
  Values& values_;
  std::size_t end_;
};

}  // namespace acre::task

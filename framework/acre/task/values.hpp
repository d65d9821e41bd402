// Results of tasks in a row, which travel together: what small tasks cost is mostly what each result costs.
#pragma once

#include <cstdint>
#include <vector>

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

}  // namespace acre::task

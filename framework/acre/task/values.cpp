#include <acre/task/values.hpp>

namespace acre::task {

Outcome Values::outcome_of(std::uint32_t place) const {
  Outcome outcome;
  const ByteView value = bytes_of(place);
  outcome.value.assign(value.begin(), value.end());
  outcome.execution = execution_of(place);
  return outcome;
}

Values Values::part(std::uint32_t place, std::uint32_t number) const {
  Values some{attempt, worker, rank, {}, {}};
  const ByteView taken = bytes_of(place, number);
  wire::Writer(some.bytes).append(taken.data(), taken.size());
  const auto begin = marks.begin() + place;
  some.marks.assign(begin, begin + number);
  const std::uint64_t before = place == 0 ? 0 : marks[place - 1].end;
  for (ValueMark& mark : some.marks) mark.end -= before;
  return some;
}

}  // namespace acre::task

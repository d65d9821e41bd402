#include <acre/task/values.hpp>

namespace acre::task {

Outcome Values::outcome_of(std::uint32_t place) const {
  Outcome outcome;
  const ByteView value = bytes_of(place);
  outcome.value = copy_of(value);
  outcome.execution = execution_of(place);
  return outcome;
}

Values Values::part(std::uint32_t place, std::uint32_t number) const {
  Values some{attempt, worker, rank, {}, {}};
  const ByteView taken = bytes_of(place, number);
  wire::Writer(some.bytes).append(taken.data(), taken.size());
  const auto begin = marks.begin() + place;
  some.marks.assign(begin, begin + number);
  if (place != 0)
    for (ValueMark& mark : some.marks) mark.end -= marks[place - 1].end;
  return some;
}

}  // namespace acre::task

#include <acre/task/values.hpp>

namespace acre::task {

Outcome Values::outcome_of(std::uint32_t place) const {
  Outcome outcome;
  const ByteView value = bytes_of(place);
  outcome.value.assign(value.begin(), value.end());
  outcome.execution = execution_of(place);
  return outcome;
}

}  // namespace acre::task

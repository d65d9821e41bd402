#include <acre/node/tally.hpp>

namespace acre::node {

void Tally::note(const task::Outcome& outcome) {
  switch (outcome.ending) {
    case task::Ending::value:
      ++done;
      break;
    case task::Ending::cancelled:
    case task::Ending::drained:
    case task::Ending::broken:
      ++cancelled;
      break;
    default:
      ++failed;
  }
  if (outcome.execution.attempt > 1) retried += outcome.execution.attempt - 1;
}

void Tally::note(const task::Values& values, std::uint32_t count) {
  done += count;
  if (values.attempt > 1) retried += std::uint64_t{values.attempt - 1} * count;
}

}  // namespace acre::node

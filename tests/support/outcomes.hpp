// What became of a future's task, as data that only tests look at.
#pragma once

#include <acre/executor/future.hpp>
#include <acre/executor/future_state.hpp>

namespace acre::test {

/// The outcome of a future that a task stands behind. Valid once it is done.
template <class T>
task::Outcome outcome_of(const Future<T>& future) {
  return static_cast<executor::FutureState&>(*future.state()).outcome();
}

}  // namespace acre::test

// Parallel: joblib's loop over a range.
#pragma once

#include <vector>

#include <acre/session/session.hpp>

namespace acre {

/// How a parallel loop runs.
struct ParallelOptions {
  /// Workers on each node, as joblib counts them: -1 all, -2 all but one, and so on, but at least one; 1:
  /// serial, in the caller's thread.
  int n_jobs = -1;
  StartMethod start = StartMethod::fork;  ///< of the workers, unless it is serial
};

/// The executor of a parallel loop. Throws acre::Error on options that cannot be.
Executor parallel_executor(Session& session, const ParallelOptions& options);

/// Loops over ranges in parallel, as joblib's Parallel does. Items are dealt in batches of a size that suits
/// what they take. Public methods: any thread, but not inside a task. The destructor ends the workers.
class Parallel {
 public:
  /// Starts the workers. Does not wait for them; throws acre::Error on options that cannot be.
  explicit Parallel(Session& session, const ParallelOptions& options = {})
      : executor_(parallel_executor(session, options)) {}

  /// F over a range: all results in order, or nothing if F returns nothing. Blocks; throws the failure of the
  /// first item that failed, and then takes back what has not started.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto map(R&& items) {
    auto results = lazily<F>(std::forward<R>(items));
    if constexpr (std::is_void_v<task::ResultOf<std::decay_t<decltype(F)>>>) {
      while (results.next()) continue;
    } else {
      std::vector<typename decltype(results)::Item> all;
      for (auto& value : results) all.push_back(std::move(value));
      return all;
    }
  }

  /// The same as a range that is computed while it is iterated: joblib's return_as="generator". It must not
  /// be iterated after the loop's end.
  template <auto F, std::ranges::input_range R = executor::Braced<executor::Whole, F>>
  auto lazily(R&& items) {
    return executor_.map<F>(std::forward<R>(items));
  }

  /// Workers of the loop.
  std::uint32_t workers() const { return executor_.workers(); }

 private:
  Executor executor_;
};

}  // namespace acre

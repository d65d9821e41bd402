// What has ended of a map: items in a row that returned, or one that failed.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <typeinfo>
#include <vector>

#include <acre/executor/engine.hpp>
#include <acre/task/failure.hpp>
#include <acre/task/values.hpp>

namespace acre::executor {

/// Consecutive items of a map that have ended together: some that returned, or a single one that did not.
struct EndedRun {
  std::uint64_t first = 0;  ///< index of the first one
  task::Values values = {};
  std::unique_ptr<const task::Outcome> failure = {};

  static EndedRun of(std::uint64_t index, task::Outcome&& outcome);
  std::uint32_t count() const noexcept { return failure == nullptr ? values.count() : 1; }
  /// A copy.
  task::Outcome outcome_of(std::uint32_t place) const {
    return failure == nullptr ? values.outcome_of(place) : *failure;
  }
};

/// One item of a run. Refers to it; one thread.
class EndedItem {
 public:
  EndedItem(EndedRun& run, std::uint32_t place, const Engine& engine)
      : run_(&run), place_(place), engine_(&engine) {}

  std::uint64_t index() const noexcept { return run_->first + place_; }
  /// Throws the failure, if it is one.
  void rethrow() const {
    if (run_->failure != nullptr) throw_failure();
  }
  /// The encoded value, if there is no failure.
  ByteView value() const { return run_->values.bytes_of(place_); }
  /// Frees the encoded values with the last one, which was decoded.
  void drop_value() noexcept {
    if (place_ + 1 == run_->values.count()) run_->values.bytes = Bytes();
  }
  /// Throws TaskError: the value is there, but cannot be made a `type` again.
  [[noreturn]] void throw_unreadable(const std::type_info& type, const std::string& why) const;

 private:
  [[noreturn]] void throw_failure() const;

  EndedRun* run_;
  std::uint32_t place_;
  const Engine* engine_;
};

/// Runs that have ended and were not fetched yet, in the order of their ends. Any thread.
class EndedRuns {
 public:
  void push(EndedRun&& run);
  /// All there are, instead of what `runs` held.
  void fetch(std::vector<EndedRun>& runs);

 private:
  std::mutex mutex_;
  std::vector<EndedRun> runs_;
};

}  // namespace acre::executor

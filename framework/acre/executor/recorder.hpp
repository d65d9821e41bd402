// What a campaign adds to a map: outcomes that are known already, and a record of those that come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <acre/base/bytes.hpp>
#include <acre/task/outcome.hpp>

namespace acre::executor {

class FutureState;

/// Implemented above this layer; shared by a map and its tasks under way.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Whether an item of the same map that is under way stands for this one: then `state` gets its outcome.
  /// Asked first, on the iterating thread.
  virtual bool follow(ByteView, const std::shared_ptr<FutureState>&) { return false; }
  /// The outcome of this task if an earlier run recorded it: it is not run again. On the iterating thread;
  /// throws acre::Error if the record is of another input.
  virtual std::optional<task::Outcome> recorded(std::uint64_t index, ByteView arguments) = 0;
  /// A task of this run has ended. Inside the engine, on any thread: quick, and failures wait for check().
  virtual void record(std::uint64_t index, ByteView arguments, const task::Outcome& outcome) noexcept = 0;
  /// Called before each result is handed out, on the iterating thread: throws if recording has failed.
  virtual void check() = 0;
};

}  // namespace acre::executor

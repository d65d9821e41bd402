// What a campaign adds to a map: outcomes that are known already, and a record of those that come.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <acre/executor/ended_run.hpp>
#include <acre/executor/item_range.hpp>

namespace acre::executor {

/// An item that ends as another one does.
struct Follower {
  std::uint32_t place;  ///< of the other one in its run
  std::uint64_t index;
};

/// Implemented above this layer; shared by a map and its tasks under way.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Whether an item of the same map that is under way stands for this one: then record() names it with that.
  /// Asked first, on the iterating thread.
  virtual bool follow(std::uint64_t, ByteView) { return false; }
  /// The outcome of this task if an earlier run recorded it: it is not run again. On the iterating thread;
  /// throws acre::Error if the record is of another input.
  virtual std::optional<task::Outcome> recorded(std::uint64_t index, ByteView arguments) = 0;
  /// Tasks of this run have ended, which are among these items; returns who follows them. Inside the engine,
  /// on any thread: quick, and failures wait for check().
  virtual std::vector<Follower> record(const ItemRange& items, const EndedRun& ended) noexcept = 0;
  /// Called before results are handed out, on the iterating thread: throws if recording has failed.
  virtual void check() = 0;
};

}  // namespace acre::executor

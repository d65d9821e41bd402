// A map in progress: tasks made lazily from a source, a window of them under way, outcomes in order or as
// they come.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <acre/executor/map_batch.hpp>
#include <acre/executor/pace.hpp>

namespace acre {

/// How a map runs.
struct MapOptions {
  /// Encoded arguments under way at once, and results that wait to be taken: beyond it nothing more is read
  /// (but one item at least).
  std::size_t window_bytes = 64u << 20;
  std::size_t window = 0;   ///< items under way at once, at most; 0: as many as keep all workers busy
  std::uint32_t chunk = 0;  ///< items dealt together at most; 0: as is best for what they take
  int priority = 0;         ///< -8 to 7; tasks of a higher one are dealt first
  std::string stage = {};   ///< names the random streams of its tasks; empty: the number of the map
  /// From the call of the map on: iterating beyond it throws TimeoutError where a result is not there yet.
  std::optional<Duration> timeout = {};

  /// Throws acre::Error on what cannot be.
  void check() const;
};

}  // namespace acre

namespace acre::executor {

/// Throws acre::Error on a priority that is none.
void check_priority(int priority);

/// What all tasks of a map have in common.
struct MapPlan {
  task::FunctionId function;
  std::uint64_t key = 0;  ///< of their random streams
  bool ordered = true;
  MapOptions options;
  std::shared_ptr<Recorder> recorder;  ///< may be null
};

/// The items as tasks of this map.
node::TaskRequest request_of(ItemRange&& items, const MapPlan& plan,
                             std::shared_ptr<node::Completion> completion);

/// One thread at a time. Destroying it takes back what has not started.
class MapRun {
 public:
  MapRun(std::shared_ptr<Engine> engine, std::unique_ptr<Source> source, MapPlan plan);
  ~MapRun();
  MapRun(const MapRun&) = delete;
  MapRun& operator=(const MapRun&) = delete;

  /// The next item to have ended, in order of the items or of their ends; it lives until the next call.
  /// Blocks, driving the engine; nothing at the end. Throws TimeoutError beyond this deadline and that of the
  /// map.
  std::optional<EndedItem> next(Instant deadline = Instant::never()) {
    if ((place_ == count_ || under_way_ <= low_water_) && !prepare(deadline)) return std::nullopt;
    --under_way_;
    return EndedItem(run_, place_++, *engine_);
  }

 private:
  /// Consecutive items that were submitted together, or that have no tasks of their own.
  struct Span {
    std::uint64_t first;
    std::uint32_t left;  ///< of which so many have not ended, as far as is known here
    std::size_t bytes;   ///< of their arguments
    std::optional<TaskId> task;
  };
  bool prepare(Instant deadline);
  void begin_run(Instant deadline);
  bool next_is_here() const;
  void fetch();
  void note_end(const EndedRun& run);
  void top_up();
  std::uint64_t most_under_way() const;
  std::size_t held_bytes() const;
  void gather(std::uint64_t most);
  bool last_needs_no_task();
  void submit_gathered();

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Source> source_;
  MapPlan plan_;
  Instant deadline_;
  Pace pace_;
  ItemRange gathered_;  ///< read and not submitted yet
  bool exhausted_ = false;
  std::deque<Span> spans_;  ///< in order; those at the front have not ended
  std::shared_ptr<EndedRuns> ended_ = std::make_shared<EndedRuns>();
  std::vector<EndedRun> fetched_;
  std::map<std::uint64_t, EndedRun> waiting_;                      ///< to be yielded, in order of these keys
  EndedRun run_;                                                   ///< what is being yielded
  std::uint32_t place_ = 0, count_ = 0;                            ///< in it
  std::uint64_t under_way_ = 0;                                    ///< items that were read and not yielded
  std::uint64_t low_water_ = 0;                                    ///< of them, when more should be read
  std::size_t argument_bytes_ = 0;                                 ///< of items that have not ended
  std::size_t result_bytes_ = 0;                                   ///< that wait to be yielded
  std::uint64_t seen_items_ = 0, seen_bytes_ = 0, seen_runs_ = 0;  ///< what has ended so far
};

}  // namespace acre::executor

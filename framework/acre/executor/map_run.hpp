// A map in progress: tasks made lazily from a source, a window of them under way, outcomes in order or as
// they come.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <acre/executor/map_batch.hpp>

namespace acre {

/// How a map runs.
struct MapOptions {
  std::size_t window_bytes =
      64u << 20;            ///< encoded arguments under way at once, at most (but one item at least)
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

/// Where a map's arguments come from; read on the calling thread alone.
class Source {
 public:
  virtual ~Source() = default;
  /// Encodes the next item; false if there is none.
  virtual bool next(Bytes& arguments) = 0;
};

/// What all tasks of a map have in common.
struct MapPlan {
  task::FunctionId function;
  std::uint64_t key = 0;  ///< of their random streams
  bool ordered = true;
  MapOptions options;
  std::shared_ptr<Recorder> recorder;  ///< may be null
};

/// One thread at a time. Destroying it takes back what has not started.
class MapRun {
 public:
  MapRun(std::shared_ptr<Engine> engine, std::unique_ptr<Source> source, MapPlan plan);
  ~MapRun();
  MapRun(const MapRun&) = delete;
  MapRun& operator=(const MapRun&) = delete;

  /// The next outcome: in order of the items, or as they end. Blocks, driving the engine; null at the end.
  /// Throws TimeoutError beyond this deadline and that of the map.
  std::shared_ptr<FutureState> next(Instant deadline = Instant::never());

 private:
  struct Item {
    std::shared_ptr<FutureState> state;
    std::size_t bytes;
    bool follows;  ///< another one: it has no task
  };
  void top_up();
  void start(const Bytes& arguments, const task::SharedHandles& kept);
  void submit_gathered();
  /// Is this part of the window full?
  bool full(double part) const;
  void wait_for(const std::function<bool()>& done, Instant deadline);
  void forget(const FutureState& state);

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Source> source_;
  MapPlan plan_;
  Instant deadline_;
  std::deque<Item>
      window_;  ///< in order of the items; in an unordered run those at the front may have been taken
  std::shared_ptr<MapBatch> gathered_;  ///< items read and not submitted yet
  std::shared_ptr<Arrivals> arrivals_ = std::make_shared<Arrivals>();
  std::size_t bytes_ = 0, under_way_ = 0;
  std::uint64_t next_index_ = 0, first_index_ = 0;
  bool exhausted_ = false;
};

}  // namespace acre::executor

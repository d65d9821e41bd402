// The model of a worker: a queue of chunks, whose tasks it runs one by one, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <acre/schedule/events.hpp>
#include <acre/simulate/message.hpp>

namespace acre::simulate {

using Events = std::vector<schedule::Event>;

/// What it says goes into an Events, in order, for its scheduler. It knows no time: its owner tells it when a
/// task ends. A value; one thread at a time; nothing blocks; throws when memory runs out.
class Worker {
 public:
  struct Habits {
    bool tells_start = true;  ///< says Started when it begins with a chunk; or else only with its last words
    std::uint32_t batch = 1;  ///< results of a chunk that it tells together, at most
  };
  struct Begun {
    std::uint32_t task = 0, attempt = 1;
  };

  Worker() = default;
  explicit Worker(Habits habits) : habits_(habits) {}

  void take(const Assignment& order) { queue_.push_back({order, 0, order.count}); }

  /// Gives back what has not started, the last tasks first; then says whether anything stays.
  void give_back(const RecallOrder& order, Events& said);

  /// Begins the next task, unless it runs one or has none.
  std::optional<Begun> begin(Events& said);

  /// The running task has ended so, not by death.
  void end(Ending ending, Duration run_time, Events& said);

  /// Tells the results that it has kept back.
  void flush(Events& said);

  /// What is found of it after its death: results not told, and which chunk it had begun.
  void last_words(Events& said);

  bool running() const { return running_; }
  bool empty() const { return queue_.empty() && unsaid_.count == 0; }
  bool has_unsaid() const { return unsaid_.count != 0; }

 private:
  struct Held {
    Assignment order;
    std::uint32_t next, end;  ///< places of the next task and past the last one
    bool told = false;
  };
  void tell_start(Events& said);

  Habits habits_;
  std::vector<Held> queue_;  ///< the first one is the current one
  bool running_ = false;
  schedule::Finished unsaid_{.chunk = {}, .first = 0, .count = 0};
};

}  // namespace acre::simulate

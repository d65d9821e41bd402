// Drives a scheduler with literals and tells what it does in words, so that a test reads as a story.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TaskId task(std::uint32_t slot, std::uint32_t generation = 0) {
  return make_task_id(slot, generation);
}
constexpr MemberId member(std::uint32_t index) { return static_cast<MemberId>(index); }

/// Tasks of a range by their places in it; a slot alone means its first task.
struct Part {
  Part(std::uint32_t of, std::uint32_t from = 0, std::uint32_t so_many = 1)  // NOLINT: 3 is t3
      : slot(of), first(from), count(so_many) {}
  std::uint32_t slot, first, count;
};

/// "t3" is the first task of range 3, or its only one; "t3[2]" its third; "t3[2-5]" four of them.
std::string name(TaskId id, std::uint32_t first = 0, std::uint32_t count = 1);
std::string name(MemberId id);

/// A scheduler that is checked after each step. Every function returns all actions of its events, in words
/// and in order, so that comparing with the expected text also shows that nothing else was done.
class Farm {
 public:
  explicit Farm(const Policy& policy = {}) : scheduler(policy) {}

  /// What happens now.
  std::string step(const Event& event);
  /// The clock moves on, and nothing happens but that.
  std::string pass(Duration time);

  std::string join(std::uint32_t m, std::uint32_t workers = 1) {
    return step(MemberJoined{member(m), workers});
  }
  std::string join_agent(std::uint32_t m, std::uint32_t workers) {
    return step(MemberJoined{member(m), workers, true});
  }
  std::string lose(std::uint32_t m, bool blameless = false) { return step(MemberLost{member(m), blameless}); }
  std::string submit(std::uint32_t slot, std::uint32_t max_attempts = 1) {
    return step(Submitted{.task = task(slot), .max_attempts = max_attempts});
  }
  /// Submits ranges first … last of one task each.
  std::string submit_all(std::uint32_t first, std::uint32_t last, std::uint32_t max_attempts = 1);
  /// Submits one range of so many tasks, to be dealt in chunks of at most `chunk`.
  std::string submit_range(std::uint32_t slot, std::uint32_t count, std::uint32_t chunk = 0,
                           std::uint32_t max_attempts = 1);

  /// A member, which must be the only one, has taken so long for each of many tasks.
  void measure(std::uint32_t m, Duration of_each);

  /// @name What the member says of the chunk with these tasks, as last dealt to it
  /// @{
  std::string start(std::uint32_t m, Part what);
  std::string finish(std::uint32_t m, Part what, Duration of_each = milliseconds(1));
  std::string fail(std::uint32_t m, Part what, bool retry = false);
  std::string give_back(std::uint32_t m, Part what, std::uint32_t used = 0);
  std::string keep(std::uint32_t m, Part what);
  /// @}

  std::string cancel(std::uint32_t slot) { return step(CancelRequested{.task = task(slot)}); }
  std::string drain(Instant deadline = {}) { return step(DrainRequested{deadline}); }

  /// "2 held, 1 running": the counts that are not zero, without those of what has ended.
  std::string counts() const;

  /// The latest deal of this task to this member; aborts if there was none.
  const Dispatch& deal_of(std::uint32_t m, Part what) const;

  Scheduler scheduler;
  Instant now;
  std::vector<Dispatch> deals;  ///< all so far
};

/// A policy under which each worker holds exactly `extra` tasks beyond the running one, whatever they take.
inline Policy prefetch(std::uint32_t extra, double low_water = 0.5) {
  return {.low_water = low_water, .prefetch_min = extra, .prefetch_max = extra};
}

/// A policy under which nothing is held ahead, and idle members repeat what has run for three mean task
/// times.
inline Policy repeating() {
  return {.prefetch_min = 0, .prefetch_max = 0, .max_strikes = 3, .speculate_after = 3};
}

}  // namespace acre::schedule

// Drives a scheduler with literals and tells what it does in words, so that a test reads as a story.
#pragma once

#include <initializer_list>
#include <string>

#include <acre/schedule/scheduler.hpp>

namespace acre::schedule {

constexpr TaskId task(std::uint32_t slot, std::uint32_t generation = 0) {
  return make_task_id(slot, generation);
}
constexpr MemberId member(std::uint32_t index) { return static_cast<MemberId>(index); }

inline std::string name(TaskId id) {
  const auto generation = static_cast<std::uint64_t>(id) >> 32;
  return "t" + std::to_string(slot_of(id)) + (generation == 0 ? "" : "." + std::to_string(generation));
}
inline std::string name(MemberId id) { return "m" + std::to_string(index_of(id)); }

struct Words {
  std::string operator()(const Dispatch& a) const {
    return "deal " + name(a.task) + " to " + name(a.member) +
           (a.attempt == 1 ? "" : " #" + std::to_string(a.attempt));
  }
  std::string operator()(const Recall& a) const {
    return "recall " + name(a.task) + " from " + name(a.member);
  }
  std::string operator()(const Deliver& a) const { return "deliver " + name(a.task); }
  std::string operator()(const GiveUp& a) const {
    const char* reasons[] = {"worker lost", "cancelled", "drained"};
    return "give up " + name(a.task) + ": " + reasons[static_cast<int>(a.reason)] + " after " +
           std::to_string(a.attempts);
  }
  std::string operator()(const Retire& a) const { return "retire " + name(a.member); }
};

/// A scheduler that is checked after each step. Every function returns all actions of its events, in words
/// and in order, so that comparing with the expected text also shows that nothing else was done.
class Farm {
 public:
  explicit Farm(Policy policy = {}) : scheduler(policy) {}

  std::string step(const Event& event) {
    Actions actions;
    scheduler.step(Instant{}, event, actions);
    scheduler.check();
    std::string text;
    for (const Action& action : actions) text += (text.empty() ? "" : ", ") + std::visit(Words{}, action);
    return text;
  }
  std::string join(std::uint32_t m, std::uint32_t workers = 1) {
    return step(MemberJoined{member(m), workers});
  }
  std::string lose(std::uint32_t m) { return step(MemberLost{member(m)}); }
  std::string submit(std::uint32_t slot, std::uint32_t max_attempts = 1) {
    return step(Submitted{task(slot), max_attempts});
  }
  std::string start(std::uint32_t m, std::uint32_t slot) { return step(Started{member(m), task(slot)}); }
  std::string finish(std::uint32_t m, std::uint32_t slot, Duration time = std::chrono::milliseconds(1)) {
    return step(Finished{member(m), task(slot), time});
  }
  std::string answer(std::uint32_t m, std::uint32_t slot, bool recalled) {
    return step(RecallAnswered{member(m), task(slot), recalled});
  }
  std::string cancel(std::uint32_t slot) { return step(CancelRequested{task(slot)}); }
  std::string drain() { return step(DrainRequested{}); }

  /// Submits tasks first … last one by one.
  std::string submit_all(std::uint32_t first, std::uint32_t last, std::uint32_t max_attempts = 1) {
    std::string text;
    for (std::uint32_t slot = first; slot <= last; ++slot) {
      const std::string more = submit(slot, max_attempts);
      text += (text.empty() || more.empty() ? "" : ", ") + more;
    }
    return text;
  }

  Scheduler scheduler;
};

/// A policy under which each worker holds exactly `extra` tasks beyond the running one, whatever they take.
inline Policy prefetch(std::uint32_t extra, double low_water = 0.5) {
  return {.low_water = low_water, .prefetch_min = extra, .prefetch_max = extra};
}

}  // namespace acre::schedule

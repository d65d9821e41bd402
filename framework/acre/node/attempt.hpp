// One attempt of a task in this thread, whatever kind of worker the thread belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <acre/node/workplace.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/hook.hpp>

namespace acre::node {

/// Tells when attempts begin and end. One thread.
class Stopwatch {
 public:
  Stopwatch() { restart(); }
  /// The next attempt begins now.
  void restart() noexcept {
    last_ = now();
    to_wall_ns_ = wall_clock_ns() - last_.ns;
  }
  /// When that began, by the wall clock.
  std::int64_t wall_ns() const noexcept { return last_.ns + to_wall_ns_; }
  /// It has ended, and the next one begins: nanoseconds it took.
  std::int64_t lap_ns() noexcept {
    const Instant end = now();
    return (end - std::exchange(last_, end)).count();
  }

 private:
  Instant last_;
  std::int64_t to_wall_ns_ = 0;
};

/// Runs a task here: decodes its arguments, calls it, encodes what it returned. `result` gets that value, or
/// the words of what was thrown; the head says which, and its progress is left to the caller. The place's
/// stage follows (see task::Stage). Resets the floating-point environment first. Any thread; blocks as the
/// task does; throws when memory runs out only.
task::OutcomeHead run_attempt(const task::TaskHead& head, ByteView arguments, const task::Surroundings& here,
                              Bytes& result, Workplace& place, Stopwatch& watch);

/// The end of an attempt as its future will see it. Throws acre::Error if `result` is not what the head says.
task::Outcome outcome_of(const task::OutcomeHead& head, Bytes&& result, const task::Execution& where);

/// Runs a hook here and keeps what it returns. Empty if that went well, or else "<type>: <message>" of what
/// it threw. Any thread; blocks as the hook does.
std::string try_hook(task::FunctionId hook, ByteView arguments, task::Kept& kept);

/// " (on host <host>, rank <rank>)": where something failed, for the end of its words. Any thread.
std::string on_host(const std::string& host, std::int32_t rank);

/// Is this thread inside a task or a hook? There it must not wait for an executor: it may be what that waits
/// for. Any thread.
bool inside_task() noexcept;

}  // namespace acre::node

// Replay: the real scheduler steps through the event log of a real run, and must decide the same again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <acre/observe/event_log_reader.hpp>

namespace acre::simulate {

/// What came of a replay.
struct Replay {
  std::uint64_t events = 0, actions = 0, dispatches = 0, members_lost = 0;
  Duration span{};         ///< from the first event to the last one
  bool torn = false;       ///< the log's last step is cut off
  std::string difference;  ///< the first action that is not the logged one, in words; empty if there is none
};

/// Steps a scheduler with the log's policy through the log's events, up to the first step that it answers
/// otherwise, and checks its invariants now and then. `see` is called with each step before it is taken. One
/// thread at a time; blocks as long as it takes; throws acre::Error if the log is damaged; aborts if an
/// invariant does not hold.
Replay replay(observe::EventLogReader& log, const std::function<void(const observe::LoggedStep&)>& see = {});

/// One line: "events 812, actions 1604, dispatches 400, members lost 3, virtual duration 1.5 s: every action
/// is the same". Pure.
std::string words(const Replay& replay);

/// "at 12.5 s: m3 lost -> recall 2 tasks of c1 from m0; retire m3". The time is that of the run's machine.
/// Pure.
std::string words(const observe::LoggedStep& step);

}  // namespace acre::simulate

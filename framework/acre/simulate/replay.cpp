#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include <acre/observe/event_records.hpp>
#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/replay.hpp>
#include <acre/simulate/words.hpp>

namespace acre::simulate {
namespace {
using observe::LoggedStep;
using schedule::Actions;

/// Where the scheduler did otherwise than the log says, in words; empty if nowhere.
std::string difference(const LoggedStep& logged, const Actions& got) {
  const auto same = [](const auto& a, const auto& b) { return observe::equal(a, b); };
  const auto [expected, other] = std::ranges::mismatch(logged.actions, got, same);
  const bool ends = expected == logged.actions.end(), stops = other == got.end();
  if (ends && stops) return {};
  return fmt::format("{}: action {} is to be \"{}\", but is \"{}\"", words(logged.event),
                     other - got.begin() + 1, ends ? "nothing more" : words(*expected),
                     stops ? "nothing more" : words(*other));
}

void count(Replay& replay, const LoggedStep& step) {
  ++replay.events;
  replay.actions += step.actions.size();
  replay.dispatches +=
      static_cast<std::uint64_t>(std::ranges::count_if(step.actions, [](const schedule::Action& action) {
        return std::holds_alternative<schedule::Dispatch>(action);
      }));
  if (std::holds_alternative<schedule::MemberLost>(step.event)) ++replay.members_lost;
}

/// Steps until the next check, so that checking, which is linear in what there is, costs a constant per step.
std::uint64_t until_check(const schedule::Scheduler& scheduler) { return 1 + scheduler.memory_bytes() / 64; }
}  // namespace

Replay replay(observe::EventLogReader& log, const std::function<void(const LoggedStep&)>& see) {
  Replay result;
  schedule::Scheduler scheduler(log.header().policy);
  LoggedStep step;
  Actions actions;
  Instant begin;
  std::uint64_t next_check = 1;
  while (log.next(step)) {
    if (see) see(step);
    if (result.events == 0) begin = step.now;
    result.span = step.now - begin;
    count(result, step);
    actions.clear();
    scheduler.step(step.now, step.event, actions);
    result.difference = difference(step, actions);
    if (!result.difference.empty()) return result;
    if (result.events == next_check) {
      scheduler.check();
      next_check += until_check(scheduler);
    }
  }
  scheduler.check();
  result.torn = log.torn();
  return result;
}

std::string words(const Replay& replay) {
  std::string text = fmt::format(
      "events {}, actions {}, dispatches {}, members lost {}, virtual duration {}: ", replay.events,
      replay.actions, replay.dispatches, replay.members_lost, words(replay.span));
  if (!replay.difference.empty())
    return text + fmt::format("event {} differs: {}", replay.events, replay.difference);
  text += "every action is the same";
  if (replay.torn) text += "; the log's last step is cut off, as when a run is killed";
  return text;
}

std::string words(const LoggedStep& step) {
  std::string text =
      fmt::format("at {:.9f} s: {}", static_cast<double>(step.now.ns) * 1e-9, words(step.event));
  const char* before = " -> ";
  for (const schedule::Action& action : step.actions) {
    text += before + words(action);
    before = "; ";
  }
  return text;
}

}  // namespace acre::simulate

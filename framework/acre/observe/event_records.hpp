// The scheduler's events, actions and policy as records: how they are written into an event log.
#pragma once

#include <variant>

#include <acre/base/time.hpp>
#include <acre/schedule/events.hpp>
#include <acre/schedule/policy.hpp>
#include <acre/wire/codec.hpp>

namespace acre {
ACRE_RECORD(Instant, ns)
}  // namespace acre

namespace acre::schedule {
ACRE_RECORD(Policy, prefetch_target, low_water, prefetch_min, prefetch_max, chunk_target, chunk_max,
            max_strikes, backoff, max_unborn, max_fruitless, speculate_after)

ACRE_RECORD(Submitted, task, max_attempts, used, strikes, count, chunk, priority, expected, timeout)
ACRE_RECORD(MemberJoined, member, workers, agent)
ACRE_RECORD(MemberLost, member, blameless)
ACRE_RECORD(MemberUnborn)
ACRE_RECORD(Started, chunk)
ACRE_RECORD(Finished, chunk, first, count, run_time)
ACRE_RECORD(Failed, chunk, first, run_time, retry)
ACRE_RECORD(RecallAnswered, chunk, recalled, first, count, used, strikes)
ACRE_RECORD(CancelRequested, task, if_unstarted, count, kill)
ACRE_RECORD(DrainRequested, deadline)
ACRE_RECORD(Tick)
ACRE_RECORD(CancelOneRequested, task, place)

ACRE_RECORD(Dispatch, member, chunk, task, first, count, attempt)
ACRE_RECORD(Recall, member, chunk, count, unwanted)
ACRE_RECORD(Kill, member, reason)
ACRE_RECORD(Deliver, task, first, count)
ACRE_RECORD(GiveUp, task, reason, attempts, first, count)
ACRE_RECORD(Retire, member)
ACRE_RECORD(Break)
}  // namespace acre::schedule

namespace acre::observe {

/// Whether two records are equal in every field. Pure.
template <wire::record T>
bool equal_fields(const T& a, const T& b) {
  return wire::with_fields(a, [&b](const auto&... left) {
    return wire::with_fields(b, [&left...](const auto&... right) { return ((left == right) && ...); });
  });
}

/// Whether two events, or two actions, are of one kind and equal. Pure.
template <class... Kind>
bool equal(const std::variant<Kind...>& a, const std::variant<Kind...>& b) {
  const auto same = [&b]<class Held>(const Held& held) { return equal_fields(held, std::get<Held>(b)); };
  return a.index() == b.index() && std::visit(same, a);
}

}  // namespace acre::observe

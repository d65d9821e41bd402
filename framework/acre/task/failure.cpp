#include <algorithm>
#include <iterator>
#include <span>

#include <acre/base/error.hpp>
#include <acre/task/exception.hpp>
#include <acre/task/failure.hpp>
#include <acre/task/hook.hpp>

namespace acre {
namespace {
std::string sentence(const TaskInfo& info) {
  std::string text = "task " + std::to_string(info.task);
  if (info.attempt > 0) {
    text += " (attempt " + std::to_string(info.attempt) + ", worker " + std::to_string(info.worker);
    if (info.rank > 0) text += " of rank " + std::to_string(info.rank);
    text += " on " + info.host + ")";
  }
  return text + ": " + (info.type.empty() ? "" : info.type + ": ") + info.message;
}
}  // namespace

TaskError::TaskError(TaskInfo info) : std::runtime_error(sentence(info)), TaskInfo(std::move(info)) {}

}  // namespace acre

namespace acre::task {
namespace {

// What an exception held beside its words; nothing if a hostile worker or an old file made it up.
ThrownDetail detail_of(const Outcome& outcome) {
  if (outcome.detail.empty()) return {};
  try {
    auto detail = wire::from_bytes<ThrownDetail>(outcome.detail);
    if (detail.causes.size() > most_causes) detail.causes.resize(most_causes);
    return detail;
  } catch (const Error&) {
    return {};
  }
}

// The message of a task that was taken back tells how it had lost attempts before.
std::string message_of(const Outcome& outcome) {
  if (outcome.ending != Ending::cancelled) return outcome.message;
  return "cancelled before it ended" + (outcome.message.empty() ? "" : "; before: " + outcome.message);
}

TaskInfo info_without_causes(const Outcome& outcome, std::uint64_t index, const std::string& host) {
  const Execution& where = outcome.execution;
  const Death death = outcome.death.value_or(Death{});
  return {index,
          static_cast<int>(where.attempt),
          static_cast<int>(where.worker),
          where.rank,
          host,
          outcome.type,
          message_of(outcome),
          death.signal,
          death.exit_code,
          death.peak_memory_bytes,
          death.last_words,
          {}};
}

void add_causes(TaskInfo& info, std::span<const Caught> causes) {
  for (const Caught& cause : causes) info.causes.push_back({cause.type, cause.message});
}

// Throws one exception; with `nested`, around the one that is being handled.
[[noreturn]] void throw_one(TaskInfo info, ByteView state, bool nested) {
  if (const ExceptionKind* kind = kind_named(info.type)) kind->raise(info, state, nested);
  TaskError error(std::move(info));
  if (nested) std::throw_with_nested(std::move(error));
  throw std::move(error);
}

// Throws the first of a chain with the others nested in it, all of them of the same place.
[[noreturn]] void throw_chain(const TaskInfo& place, std::span<const Caught> chain) {
  TaskInfo info = place;
  info.type = chain.front().type;
  info.message = chain.front().message;
  add_causes(info, chain.subspan(1));
  if (chain.size() == 1) throw_one(std::move(info), chain.front().state, false);
  try {
    throw_chain(place, chain.subspan(1));
  } catch (...) {
    throw_one(std::move(info), chain.front().state, true);
  }
}
}  // namespace

TaskInfo info_of(const Outcome& outcome, std::uint64_t index, const std::string& host) {
  TaskInfo info = info_without_causes(outcome, index, host);
  add_causes(info, detail_of(outcome).causes);
  return info;
}

void rethrow(const Outcome& outcome, std::uint64_t index, const std::string& host) {
  TaskInfo info = info_without_causes(outcome, index, host);
  switch (outcome.ending) {
    case Ending::worker_lost:
      throw WorkerLost(std::move(info));
    case Ending::quarantined:
      throw TaskQuarantined(std::move(info));
    case Ending::timed_out:
      throw TaskTimeout(std::move(info));
    case Ending::cancelled:
    case Ending::drained:
      throw TaskCancelled(std::move(info));
    case Ending::broken:
      throw ExecutorBroken(std::move(info));
    default:
      break;
  }
  ThrownDetail detail = detail_of(outcome);
  std::vector<Caught> chain;
  chain.push_back({info.type, info.message, std::move(detail.state)});
  std::ranges::move(detail.causes, std::back_inserter(chain));
  throw_chain(info, chain);
}

}  // namespace acre::task

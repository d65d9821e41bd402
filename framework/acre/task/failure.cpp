#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <typeinfo>

#include <acre/base/error.hpp>
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

struct Known {
  const std::type_info* type;
  void (*raise)(TaskInfo);
};

template <class E>
void raise(TaskInfo info) {
  throw Thrown<E>(std::move(info));
}

template <class E>
constexpr Known known{&typeid(E), &raise<E>};

// The standard exceptions that are made from a message.
const std::array<Known, 9>& known_types() {
  static const std::array<Known, 9> types{
      known<std::runtime_error>, known<std::logic_error>,    known<std::invalid_argument>,
      known<std::domain_error>,  known<std::length_error>,   known<std::out_of_range>,
      known<std::range_error>,   known<std::overflow_error>, known<std::underflow_error>};
  return types;
}
}  // namespace

Caught describe_current_exception() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const std::string name = type == nullptr ? "an exception of a foreign language" : type_name(*type);
  try {
    throw;
  } catch (const std::exception& error) {
    return {name, error.what()};
  } catch (const std::string& text) {
    return {name, text};
  } catch (const char* text) {
    return {name, text};
  } catch (...) {
    return {name, "(it is no std::exception and carries no message)"};
  }
}

namespace {
// The message of a task that was taken back tells how it had lost attempts before.
std::string message_of(const Outcome& outcome) {
  if (outcome.ending != Ending::cancelled) return outcome.message;
  return "cancelled before it ended" + (outcome.message.empty() ? "" : "; before: " + outcome.message);
}
}  // namespace

TaskInfo info_of(const Outcome& outcome, std::uint64_t index, const std::string& host) {
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
          death.last_words};
}

void rethrow(const Outcome& outcome, std::uint64_t index, const std::string& host) {
  TaskInfo info = info_of(outcome, index, host);
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
  const auto known = std::find_if(known_types().begin(), known_types().end(),
                                  [&](const Known& type) { return type_name(*type.type) == info.type; });
  if (known == known_types().end()) throw TaskError(std::move(info));
  known->raise(std::move(info));
  std::abort();  // not reached: raise() throws, which its type cannot say
}

}  // namespace acre::task

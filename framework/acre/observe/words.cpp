#include <fmt/format.h>

#include <variant>

#include <acre/observe/words.hpp>

namespace acre::observe {
namespace {
template <class Id>
std::string id_text(Id id) {
  return fmt::format("{}#{}", slot_of(id), static_cast<std::uint64_t>(id) >> 32);
}
std::string range(TaskId id) { return "range " + id_text(id); }
std::string chunk(ChunkId id) { return "chunk " + id_text(id); }
std::string member(MemberId id) { return fmt::format("member {}", index_of(id)); }

std::string tasks(std::uint64_t first, std::uint64_t count) {
  if (count == 1) return fmt::format("task {}", first);
  if (count == 0) return fmt::format("no tasks from {}", first);
  return fmt::format("tasks {}..{}", first, first + count - 1);
}

std::string counted(std::uint32_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string time(std::int64_t ns) {
  if (ns == Instant::never().ns) return "never";
  if (ns % 1'000'000'000 == 0) return fmt::format("{} s", ns / 1'000'000'000);
  if (ns % 1'000'000 == 0) return fmt::format("{} ms", ns / 1'000'000);
  if (ns % 1'000 == 0) return fmt::format("{} us", ns / 1'000);
  return fmt::format("{} ns", ns);
}
std::string time(Duration duration) { return time(duration.count()); }

std::string because(schedule::Reason reason) {
  switch (reason) {
    case schedule::Reason::worker_lost:
      return "worker lost";
    case schedule::Reason::timed_out:
      return "timed out";
    case schedule::Reason::quarantined:
      return "quarantined";
    case schedule::Reason::cancelled:
      return "cancelled";
    case schedule::Reason::drained:
      return "drained";
  }
  return fmt::format("unknown reason {}", static_cast<int>(reason));
}

std::string words(const schedule::Submitted& event) {
  std::string text = fmt::format("{} submitted as {}", counted(event.count, "task"), range(event.task));
  if (event.max_attempts != 1)
    text += fmt::format(", {} each at most", counted(event.max_attempts, "attempt"));
  if (event.used != 0) text += fmt::format(", {} used before", event.used);
  if (event.chunk != 0) text += fmt::format(", in chunks of {}", event.chunk);
  if (event.priority != 0) text += fmt::format(", priority {}", event.priority);
  if (event.expected != Duration{}) text += fmt::format(", expected to take {}", time(event.expected));
  if (event.timeout != Duration{}) text += fmt::format(", timeout {}", time(event.timeout));
  return text;
}
std::string words(const schedule::MemberJoined& event) {
  return fmt::format("{} joined with {}", member(event.member), counted(event.workers, "worker"));
}
std::string words(const schedule::MemberLost& event) {
  return fmt::format("{} was lost{}", member(event.member),
                     event.blameless ? ", not through what it ran" : "");
}
std::string words(const schedule::MemberUnborn&) { return "a worker died before it joined"; }
std::string words(const schedule::Started& event) { return chunk(event.chunk) + " started"; }
std::string words(const schedule::Finished& event) {
  return fmt::format("{} of {} finished in {}", tasks(event.first, event.count), chunk(event.chunk),
                     time(event.run_time));
}
std::string words(const schedule::Failed& event) {
  return fmt::format("{} of {} failed after {}{}", tasks(event.first, 1), chunk(event.chunk),
                     time(event.run_time), event.retry ? ", to be tried again" : "");
}
std::string words(const schedule::RecallAnswered& event) {
  if (!event.recalled) return fmt::format("all that is left of {} stays", chunk(event.chunk));
  std::string text = fmt::format("{} of {} came back", tasks(event.first, event.count), chunk(event.chunk));
  if (event.used != 0) text += fmt::format(", {} used", counted(event.used, "attempt"));
  return text;
}
std::string words(const schedule::CancelRequested& event) {
  std::string text = "cancel ";
  if (event.count != 0xffffffff) text += fmt::format("the last {} of ", counted(event.count, "task"));
  text += range(event.task);
  if (event.if_unstarted) text += ", if unstarted";
  if (event.kill) text += ", kill what runs";
  return text;
}
std::string words(const schedule::DrainRequested& event) {
  return fmt::format("drain until {}", time(event.deadline.ns));
}
std::string words(const schedule::Tick&) { return "time passed"; }

std::string words(const schedule::Dispatch& action) {
  return fmt::format("deal {} of {} to {} as {}, attempt {}", tasks(action.first, action.count),
                     range(action.task), member(action.member), chunk(action.chunk), action.attempt);
}
std::string words(const schedule::Recall& action) {
  return fmt::format("recall {} of {} from {}{}", counted(action.count, "task"), chunk(action.chunk),
                     member(action.member), action.unwanted ? ", unwanted" : "");
}
std::string words(const schedule::Kill& action) {
  return fmt::format("kill {}: {}", member(action.member), because(action.reason));
}
std::string words(const schedule::Deliver& action) {
  return fmt::format("deliver {} of {}", tasks(action.first, action.count), range(action.task));
}
std::string words(const schedule::GiveUp& action) {
  return fmt::format("give up {} of {} after {}: {}", tasks(action.first, action.count), range(action.task),
                     counted(action.attempts, "attempt"), because(action.reason));
}
std::string words(const schedule::Retire& action) { return "retire " + member(action.member); }
std::string words(const schedule::Break&) { return "break: replace no more workers"; }
}  // namespace

std::string in_words(const schedule::Event& event) {
  return std::visit([](const auto& held) { return words(held); }, event);
}

std::string in_words(const schedule::Action& action) {
  return std::visit([](const auto& held) { return words(held); }, action);
}

}  // namespace acre::observe

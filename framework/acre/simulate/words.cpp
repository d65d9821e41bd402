#include <array>

#include <fmt/format.h>

#include <acre/simulate/words.hpp>

namespace acre::simulate {
namespace {

using namespace schedule;

std::string name(char kind, std::uint64_t id) {
  const std::uint64_t uses = id >> 32;
  const auto slot = static_cast<std::uint32_t>(id);
  return uses == 0 ? fmt::format("{}{}", kind, slot) : fmt::format("{}{}.{}", kind, slot, uses);
}

template <class Id>
std::string part(Id id, std::uint32_t first, std::uint32_t count) {
  if (count == 1) return fmt::format("{}[{}]", words(id), first);
  return fmt::format("{}[{}..{}]", words(id), first, std::uint64_t{first} + count - 1);
}

struct EventWords {
  std::string operator()(const Submitted& e) const {
    return fmt::format(
        "submitted {} of {}, attempts {} of {}, priority {}, chunk {}, expected {}, timeout {}",
        words(e.task), e.count, e.used, e.max_attempts, e.priority, e.chunk, words(e.expected),
        words(e.timeout));
  }
  std::string operator()(const MemberJoined& e) const {
    return fmt::format("{} joined with {} workers", words(e.member), e.workers);
  }
  std::string operator()(const MemberLost& e) const {
    return fmt::format("{} lost{}", words(e.member), e.blameless ? ", blameless" : "");
  }
  std::string operator()(const MemberUnborn&) const { return "a worker died before it joined"; }
  std::string operator()(const Started& e) const { return fmt::format("started {}", words(e.chunk)); }
  std::string operator()(const Finished& e) const {
    return fmt::format("finished {} in {}", part(e.chunk, e.first, e.count), words(e.run_time));
  }
  std::string operator()(const Failed& e) const {
    return fmt::format("failed {} in {}{}", part(e.chunk, e.first, 1), words(e.run_time),
                       e.retry ? ", to be retried" : "");
  }
  std::string operator()(const RecallAnswered& e) const {
    if (!e.recalled) return fmt::format("stays {}", words(e.chunk));
    return fmt::format("given back {}, attempts {}", part(e.chunk, e.first, e.count), e.used);
  }
  std::string operator()(const CancelRequested& e) const {
    const std::string most = e.count == 0xffffffff ? "all" : fmt::format("the last {}", e.count);
    return fmt::format("cancel {} of {}{}{}", most, words(e.task), e.if_unstarted ? " if unstarted" : "",
                       e.kill ? ", kill" : "");
  }
  std::string operator()(const CancelOneRequested& e) const {
    return fmt::format("cancel task {} of {}", e.place, words(e.task));
  }
  std::string operator()(const DrainRequested& e) const {
    return fmt::format("drain by {}", words(Duration(e.deadline.ns)));
  }
  std::string operator()(const Tick&) const { return "tick"; }
};

struct ActionWords {
  std::string operator()(const Dispatch& a) const {
    return fmt::format("deal {} to {} as {}, attempt {}", part(a.task, a.first, a.count), words(a.member),
                       words(a.chunk), a.attempt);
  }
  std::string operator()(const Recall& a) const {
    return fmt::format("recall {} tasks of {} from {}{}", a.count, words(a.chunk), words(a.member),
                       a.unwanted ? ", unwanted" : "");
  }
  std::string operator()(const Kill& a) const {
    return fmt::format("kill {}: {}", words(a.member), words(a.reason));
  }
  std::string operator()(const Deliver& a) const {
    return fmt::format("deliver {}", part(a.task, a.first, a.count));
  }
  std::string operator()(const GiveUp& a) const {
    return fmt::format("give up {}: {}, attempts {}", part(a.task, a.first, a.count), words(a.reason),
                       a.attempts);
  }
  std::string operator()(const Retire& a) const { return fmt::format("retire {}", words(a.member)); }
  std::string operator()(const Break&) const { return "break"; }
};

}  // namespace

std::string words(const Event& event) { return std::visit(EventWords{}, event); }
std::string words(const Action& action) { return std::visit(ActionWords{}, action); }

std::string words(Reason reason) {
  static constexpr std::array<const char*, 5> names{"worker lost", "timed out", "quarantined", "cancelled",
                                                    "drained"};
  return names[static_cast<std::size_t>(reason)];
}

std::string words(TaskId task) { return name('r', static_cast<std::uint64_t>(task)); }
std::string words(ChunkId chunk) { return name('c', static_cast<std::uint64_t>(chunk)); }
std::string words(MemberId member) { return fmt::format("m{}", index_of(member)); }

std::string words(Duration time) {
  const auto ns = static_cast<double>(time.count());
  if (time.count() == 0) return "0";
  if (time < std::chrono::microseconds(1)) return fmt::format("{} ns", time.count());
  if (time < std::chrono::milliseconds(1)) return fmt::format("{:.6g} us", ns / 1e3);
  if (time < std::chrono::seconds(1)) return fmt::format("{:.6g} ms", ns / 1e6);
  return fmt::format("{:.6g} s", ns / 1e9);
}

}  // namespace acre::simulate

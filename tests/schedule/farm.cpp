#include "farm.hpp"

#include <algorithm>

namespace acre::schedule {

std::string name(TaskId id, std::uint32_t first, std::uint32_t count) {
  const auto generation = static_cast<std::uint64_t>(id) >> 32;
  std::string text = "t" + std::to_string(slot_of(id));
  if (generation != 0) text += "." + std::to_string(generation);
  if (first == 0 && count == 1) return text;
  text += "[" + std::to_string(first);
  if (count != 1) text += "-" + std::to_string(first + count - 1);
  return text + "]";
}

std::string name(MemberId id) { return "m" + std::to_string(index_of(id)); }

namespace {

std::string word(Reason reason) {
  switch (reason) {
    case Reason::worker_lost:
      return "worker lost";
    case Reason::timed_out:
      return "timed out";
    case Reason::quarantined:
      return "quarantined";
    case Reason::cancelled:
      return "cancelled";
    case Reason::drained:
      return "drained";
  }
  return "?";
}

/// What an action is in words.
struct Words {
  const std::vector<Dispatch>& deals;

  std::string operator()(const Dispatch& a) const {
    return "deal " + name(a.task, a.first, a.count) + " to " + name(a.member) +
           (a.attempt == 1 ? "" : " #" + std::to_string(a.attempt));
  }
  std::string operator()(const Recall& a) const {
    const auto deal = std::find_if(deals.rbegin(), deals.rend(),
                                   [&a](const Dispatch& one) { return one.chunk == a.chunk; });
    if (deal == deals.rend() || deal->member != a.member) return "recall what was not dealt";
    const std::string part = a.count == deal->count ? "" : std::to_string(a.count) + " of ";
    return "recall " + part + name(deal->task, deal->first, deal->count) + " from " + name(a.member) +
           (a.unwanted ? ", unwanted" : "");
  }
  std::string operator()(const Kill& a) const { return "kill " + name(a.member) + ": " + word(a.reason); }
  std::string operator()(const Deliver& a) const { return "deliver " + name(a.task, a.first, a.count); }
  std::string operator()(const GiveUp& a) const {
    return "give up " + name(a.task, a.first, a.count) + ": " + word(a.reason) + " after " +
           std::to_string(a.attempts);
  }
  std::string operator()(const Retire& a) const { return "retire " + name(a.member); }
  std::string operator()(const Break&) const { return "break"; }
};

std::string joined(std::string text, const std::string& more) {
  return text += (text.empty() || more.empty() ? "" : ", ") + more;
}

}  // namespace

std::string Farm::step(const Event& event) {
  Actions actions;
  scheduler.step(now, event, actions);
  scheduler.check();
  std::string text;
  for (const Action& action : actions) {
    if (const auto* deal = std::get_if<Dispatch>(&action)) deals.push_back(*deal);
    text = joined(text, std::visit(Words{deals}, action));
  }
  return text;
}

std::string Farm::pass(Duration time) {
  now = now + time;
  return step(Tick{});
}

std::string Farm::submit_all(std::uint32_t first, std::uint32_t last, std::uint32_t max_attempts) {
  std::string text;
  for (std::uint32_t slot = first; slot <= last; ++slot) text = joined(text, submit(slot, max_attempts));
  return text;
}

std::string Farm::submit_range(std::uint32_t slot, std::uint32_t count, std::uint32_t chunk,
                               std::uint32_t max_attempts) {
  return step(Submitted{.task = task(slot), .max_attempts = max_attempts, .count = count, .chunk = chunk});
}

void Farm::measure(std::uint32_t m, Duration of_each) {
  constexpr std::uint32_t slot = 99, many = 1000;
  submit_range(slot, many, many);
  finish(m, {slot, 0, many}, of_each);
}

const Dispatch& Farm::deal_of(std::uint32_t m, Part what) const {
  const auto deal = std::find_if(deals.rbegin(), deals.rend(), [&](const Dispatch& one) {
    return index_of(one.member) == m && slot_of(one.task) == what.slot && one.first <= what.first &&
           what.first < one.first + one.count;
  });
  ACRE_CHECK(deal != deals.rend(), "a member speaks of what it was dealt");
  return *deal;
}

std::string Farm::start(std::uint32_t m, Part what) { return step(Started{deal_of(m, what).chunk}); }

std::string Farm::finish(std::uint32_t m, Part what, Duration of_each) {
  const Dispatch& deal = deal_of(m, what);
  return step(Finished{deal.chunk, what.first - deal.first, what.count, of_each * what.count});
}

std::string Farm::fail(std::uint32_t m, Part what, bool retry) {
  const Dispatch& deal = deal_of(m, what);
  return step(Failed{deal.chunk, what.first - deal.first, milliseconds(1), retry});
}

std::string Farm::give_back(std::uint32_t m, Part what, std::uint32_t used) {
  const Dispatch& deal = deal_of(m, what);
  return step(RecallAnswered{deal.chunk, true, what.first - deal.first, what.count, used, used});
}

std::string Farm::keep(std::uint32_t m, Part what) {
  return step(RecallAnswered{.chunk = deal_of(m, what).chunk, .recalled = false});
}

std::string Farm::counts() const {
  const Counts now_there = scheduler.counts();
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* where) {
    if (count != 0) text = joined(text, std::to_string(count) + " " + where);
  };
  add(now_there.ready, "ready");
  add(now_there.delayed, "delayed");
  add(now_there.held, "held");
  add(now_there.recalling, "recalling");
  add(now_there.running, "running");
  return text;
}

}  // namespace acre::schedule

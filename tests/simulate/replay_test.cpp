// A log replays to the actions it holds, whatever happened; what is otherwise is found and named.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include <acre/base/error.hpp>
#include <acre/observe/event_log.hpp>
#include <acre/observe/mapped_file.hpp>
#include <acre/schedule/scheduler.hpp>
#include <acre/simulate/replay.hpp>

#include "replay_command.hpp"
#include "support/folder.hpp"

namespace acre::test {
namespace {
using namespace schedule;
using observe::EventLog;
using observe::LoggedStep;
using simulate::Replay;

constexpr Policy policy{.prefetch_min = 4, .backoff = std::chrono::milliseconds(3), .speculate_after = 5};

/// A farm in one object: it steps a scheduler, keeps what it answered, and makes members of bad health.
class Farm {
 public:
  explicit Farm(unsigned seed) : random_(seed) {}

  std::vector<LoggedStep> run(int rounds) {
    for (std::uint32_t member = 0; member < members; ++member)
      step(MemberJoined{MemberId{member}, 1 + member % 2});
    submit();
    for (int round = 0; round < rounds; ++round) something();
    return std::move(steps_);
  }

 private:
  struct Held {
    Dispatch dealt;
    std::uint32_t done = 0;
  };
  static constexpr std::uint32_t members = 4;

  bool one_in(unsigned n) { return random_() % n == 0; }

  void something() {
    now_ = now_ + std::chrono::microseconds(300);
    if (one_in(40)) {
      submit();
    } else if (one_in(60)) {
      lose(MemberId{static_cast<std::uint32_t>(random_() % members)});
    } else if (one_in(200)) {
      step(CancelRequested{make_task_id(static_cast<std::uint32_t>(random_() % tasks_), 0), one_in(2), 3,
                           one_in(2)});
    } else if (!held_.empty()) {
      work();
    } else {
      step(Tick{});
    }
  }
  void submit() {
    step(Submitted{.task = make_task_id(tasks_++, 0),
                   .max_attempts = 3,
                   .count = 1 + static_cast<std::uint32_t>(random_() % 60),
                   .priority = static_cast<int>(random_() % 3)});
  }
  void lose(MemberId member) {
    std::erase_if(held_, [member](const Held& held) { return held.dealt.member == member; });
    step(MemberLost{member});
    step(MemberJoined{member, 2});
  }
  void work() {
    const std::size_t at = random_() % held_.size();
    Held& held = held_[at];
    const ChunkId chunk = held.dealt.chunk;
    const std::uint32_t first = held.done++;
    const bool last = held.done == held.dealt.count;
    if (last) held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
    if (first == 0) step(Started{chunk});
    const Duration run_time = std::chrono::microseconds(500 + random_() % 4000);
    if (one_in(20))
      step(Failed{chunk, first, run_time, one_in(2)});
    else
      step(Finished{chunk, first, 1, run_time});
  }
  void give_back(const Recall& recall) {
    const auto at = std::ranges::find(held_, recall.chunk, [](const Held& held) { return held.dealt.chunk; });
    if (at == held_.end()) return;
    const std::uint32_t unstarted = at->dealt.count - at->done - (at->done == 0 ? 0 : 1);
    const std::uint32_t back = std::min(recall.count, unstarted);
    at->dealt.count -= back;
    const std::uint32_t first = at->dealt.count;
    const bool left = at->done != at->dealt.count;
    if (!left) held_.erase(at);
    if (back != 0) step(RecallAnswered{recall.chunk, true, first, back});
    if (left) step(RecallAnswered{recall.chunk, false});
  }

  /// Takes a step and, after it, what its actions bring about.
  void step(const Event& event) {
    Actions actions;
    scheduler_.step(now_, event, actions);
    steps_.push_back({now_, event, actions});
    for (const Action& action : actions) {
      if (const auto* dealt = std::get_if<Dispatch>(&action)) held_.push_back({*dealt});
    }
    for (const Action& action : actions) {
      if (const auto* recall = std::get_if<Recall>(&action)) give_back(*recall);
      if (const auto* kill = std::get_if<Kill>(&action)) lose(kill->member);
    }
  }

  std::mt19937 random_;
  Scheduler scheduler_{policy};
  Instant now_{1'000'000};
  std::uint32_t tasks_ = 0;
  std::vector<Held> held_;
  std::vector<LoggedStep> steps_;
};

void write(const std::string& path, const std::vector<LoggedStep>& steps, const Policy& with = policy) {
  EventLog log(path, with, 0, 0);
  for (const LoggedStep& step : steps) log.record(step.now, step.event, step.actions);
}

Replay replay_file(const std::string& path) {
  const observe::MappedFile file(path);
  observe::EventLogReader reader(path, file.bytes());
  return simulate::replay(reader);
}

/// What a replay makes of these steps.
Replay replayed(const std::vector<LoggedStep>& steps, const Policy& with = policy) {
  const Folder folder;
  write(folder / "a.events", steps, with);
  return replay_file(folder / "a.events");
}

template <class Kind, class Variant>
bool is(const Variant& value) {
  return std::holds_alternative<Kind>(value);
}

/// Actions of one kind in all steps.
template <class Kind>
std::vector<Kind> all(const std::vector<LoggedStep>& steps) {
  std::vector<Kind> found;
  for (const LoggedStep& step : steps) {
    for (const Action& action : step.actions) {
      if (const auto* held = std::get_if<Kind>(&action)) found.push_back(*held);
    }
  }
  return found;
}

TEST(Replay, of_losses_recalls_and_retries_takes_every_action_again) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto steps = Farm(seed).run(3000);
    const Replay replay = replayed(steps);
    EXPECT_EQ(replay.difference, "") << "seed " << seed;
    EXPECT_FALSE(replay.torn);
    EXPECT_EQ(replay.events, steps.size());
    EXPECT_EQ(replay.dispatches, all<Dispatch>(steps).size());
    EXPECT_GT(replay.actions, replay.dispatches);
    EXPECT_EQ(replay.members_lost, static_cast<std::uint64_t>(std::ranges::count_if(
                                       steps, [](const LoggedStep& s) { return is<MemberLost>(s.event); })));
    EXPECT_EQ(replay.span, steps.back().now - steps.front().now);
  }
}

TEST(Replay, is_shown_a_farm_where_everything_happens) {
  const auto steps = Farm(0).run(3000);
  EXPECT_GT(all<Recall>(steps).size(), 10U);
  EXPECT_GT(all<GiveUp>(steps).size(), 0U);
  EXPECT_GT(all<Deliver>(steps).size(), 100U);
  EXPECT_TRUE(
      std::ranges::any_of(all<Dispatch>(steps), [](const Dispatch& deal) { return deal.attempt == 3; }));
  EXPECT_TRUE(std::ranges::any_of(steps, [](const LoggedStep& step) { return is<MemberLost>(step.event); }));
}

TEST(Replay, finds_any_changed_action) {
  const auto steps = Farm(1).run(300);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (std::size_t j = 0; j < steps[i].actions.size(); ++j) {
      auto changed = steps;
      auto& action = changed[i].actions[j];
      std::visit(
          [](auto& held) {
            if constexpr (requires { held.count; })
              ++held.count;
            else if constexpr (requires { held.member; })
              held.member = MemberId{99};
          },
          action);
      const Replay replay = replayed(changed);
      EXPECT_NE(replay.difference, "") << "step " << i;
      EXPECT_EQ(replay.events, i + 1);
    }
  }
}

/// One worker runs a range of two tasks.
std::vector<LoggedStep> small_log() {
  Scheduler scheduler{policy};
  std::vector<LoggedStep> steps;
  const auto step = [&](std::int64_t ms, const Event& event) {
    steps.push_back({{ms * 1'000'000}, event, {}});
    scheduler.step(steps.back().now, event, steps.back().actions);
  };
  step(1, MemberJoined{MemberId{3}});
  step(2, Submitted{.task = make_task_id(7, 1), .count = 2, .chunk = 2});
  step(5, Finished{all<Dispatch>(steps).at(0).chunk, 0, 2, std::chrono::milliseconds(1)});
  return steps;
}

TEST(Replay, says_in_one_line_what_it_saw) {
  const Replay replay = replayed(small_log());
  EXPECT_EQ(
      words(replay),
      "events 3, actions 2, dispatches 1, members lost 0, virtual duration 4 ms: every action is the same");
}

TEST(Replay, names_an_action_that_is_another_one) {
  auto steps = small_log();
  std::get<Deliver>(steps[2].actions.at(0)).count = 1;
  EXPECT_EQ(words(replayed(steps)),
            "events 3, actions 2, dispatches 1, members lost 0, virtual duration 4 ms: event 3 differs: "
            "finished c0.1[0..1] in 1 ms: "
            "action 1 is to be \"deliver r7.1[0]\", but is \"deliver r7.1[0..1]\"");
}

TEST(Replay, names_an_action_that_is_missing_or_too_many) {
  auto steps = small_log();
  steps[2].actions.emplace_back(Break{});
  EXPECT_EQ(replayed(steps).difference,
            "finished c0.1[0..1] in 1 ms: action 2 is to be \"break\", but is \"nothing more\"");
  steps[2].actions.clear();
  EXPECT_EQ(replayed(steps).difference,
            "finished c0.1[0..1] in 1 ms: action 1 is to be \"nothing more\", but is \"deliver r7.1[0..1]\"");
}

TEST(Replay, goes_by_the_policy_of_the_log) {
  const auto steps = Farm(2).run(1000);
  EXPECT_EQ(replayed(steps).difference, "");
  EXPECT_NE(replayed(steps, Policy{}).difference, "");
}

TEST(Replay, of_a_log_that_is_cut_off_uses_what_there_is) {
  const Folder folder;
  write(folder / "a.events", small_log());
  const std::string bytes = content_of(folder / "a.events");
  write_file(folder / "cut.events", bytes.substr(0, bytes.size() - 1));
  const Replay replay = replay_file(folder / "cut.events");
  EXPECT_TRUE(replay.torn);
  EXPECT_EQ(words(replay),
            "events 2, actions 1, dispatches 1, members lost 0, virtual duration 1 ms: every action is the "
            "same; the log's last "
            "step is cut off, as when a run is killed");
}

TEST(Replay, of_a_damaged_log_throws) {
  const Folder folder;
  write(folder / "a.events", small_log());
  std::string bytes = content_of(folder / "a.events");
  bytes.back() = static_cast<char>(bytes.back() + 1);
  write_file(folder / "bad.events", bytes);
  EXPECT_THROW(replay_file(folder / "bad.events"), Error);
}

TEST(Replay, of_an_empty_log_is_the_same) {
  EXPECT_EQ(
      words(replayed({})),
      "events 0, actions 0, dispatches 0, members lost 0, virtual duration 0: every action is the same");
}

TEST(Replay, shows_each_step) {
  const Folder folder;
  write(folder / "a.events", small_log());
  const observe::MappedFile file(folder / "a.events");
  observe::EventLogReader reader("a", file.bytes());
  std::vector<std::string> shown;
  simulate::replay(reader, [&shown](const LoggedStep& step) { shown.push_back(simulate::words(step)); });
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0], "at 0.001000000 s: m3 joined with 1 workers");
  EXPECT_EQ(shown[2], "at 0.005000000 s: finished c0.1[0..1] in 1 ms -> deliver r7.1[0..1]");
}

TEST(Replay, puts_a_step_with_several_actions_on_one_line) {
  EXPECT_EQ(simulate::words(LoggedStep{{1}, Tick{}, {Break{}, Retire{MemberId{2}}}}),
            "at 0.000000001 s: tick -> break; retire m2");
}

/// What `acre-simulate --replay` prints, and its exit status.
struct Told {
  int status;
  std::string out, err;
};
Told told(const std::string& path, bool print = false) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = ::simulate::replay_command(path, print);
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(ReplayCommand, prints_one_line_or_one_more_for_each_step) {
  const Folder folder;
  write(folder / "a.events", small_log());
  const std::string line = words(replayed(small_log())) + "\n";
  const Told brief = told(folder / "a.events");
  EXPECT_EQ(brief.status, 0);
  EXPECT_EQ(brief.out, line);
  EXPECT_EQ(brief.err, "");
  std::string steps;
  for (const LoggedStep& step : small_log()) steps += simulate::words(step) + "\n";
  EXPECT_EQ(told(folder / "a.events", true).out, steps + line);
}

TEST(ReplayCommand, tells_by_its_status_what_is_wrong) {
  const Folder folder;
  auto steps = small_log();
  steps[2].actions.clear();
  write(folder / "other.events", steps);
  EXPECT_EQ(told(folder / "other.events").status, 1);
  write_file(folder / "none.events", "something else");
  const Told none = told(folder / "none.events");
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.out, "");
  EXPECT_EQ(none.err,
            "acre: " + (folder / "none.events") + " is no event log: name a file that a run wrote\n");
}

}  // namespace
}  // namespace acre::test

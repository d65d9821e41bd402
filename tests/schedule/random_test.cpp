// Whatever happens, in whatever order, also what cannot be: the scheduler stays sound, and all tasks end,
// once.
#include <gtest/gtest.h>

#include <random>

#include "farm.hpp"

namespace acre::schedule {
namespace {

/// Members that believe all they are told, events that are drawn, and a count of how often each task ended.
class Chaos : public testing::TestWithParam<unsigned> {
 protected:
  static constexpr std::uint32_t members = 5, slots = 12, ranges = 400;

  std::uint32_t draw(std::uint32_t below) { return random_() % below; }
  bool chance(std::uint32_t one_in) { return draw(one_in) == 0; }

  Policy draw_policy() {
    const std::uint32_t least = draw(3);
    return {.prefetch_target = milliseconds(draw(9)),
            .low_water = draw(5) / 4.0,
            .prefetch_min = least,
            .prefetch_max = least + draw(9),
            .chunk_target = milliseconds(1 + draw(9)),
            .chunk_max = 1 + draw(100),
            .max_strikes = chance(2) ? 2 : 0xffffu,
            .backoff = milliseconds(chance(2) ? draw(9) : 0),
            .speculate_after = chance(2) ? 0 : 1.0 + draw(3)};
  }

  void step(const Event& event) {
    Actions actions;
    now_ = now_ + microseconds(draw(1000));
    scheduler_.step(now_, event, actions);
    scheduler_.check();
    for (const Action& action : actions) std::visit([this](const auto& what) { take(what); }, action);
  }
  void take(const Dispatch& action) {
    ASSERT_TRUE(there_[index_of(action.member)]);
    deals_.push_back(action);
  }
  void take(const Deliver& action) { end(action.task, action.first, action.count); }
  void take(const GiveUp& action) { end(action.task, action.first, action.count); }
  void take(const Kill& action) { doomed_.push_back(action.member); }
  template <class Other>
  void take(const Other&) {}

  void end(TaskId task, std::uint32_t first, std::uint32_t count) {
    std::vector<int>& ends = ends_.at(static_cast<std::size_t>(static_cast<std::uint64_t>(task) >> 32));
    for (std::uint32_t place = first; place < first + count; ++place) ASSERT_EQ(++ends.at(place), 1);
    left_[slot_of(task)] -= count;
  }

  void submit() {
    const std::uint32_t slot = draw(slots), count = chance(2) ? 1 : 1 + draw(150);
    if (left_[slot] != 0 || ends_.size() == ranges) return;
    left_[slot] = count;
    ends_.emplace_back(count);
    step(Submitted{.task = task(slot, static_cast<std::uint32_t>(ends_.size() - 1)),
                   .max_attempts = 1 + draw(4),
                   .used = draw(3),
                   .count = count,
                   .chunk = chance(2) ? 0 : 1 + draw(100),
                   .priority = chance(2) ? 0 : static_cast<int>(draw(16)) - 8,
                   .expected = microseconds(chance(2) ? 0 : draw(5000)),
                   .timeout = milliseconds(chance(3) ? 1 + draw(20) : 0)});
  }
  void join() {
    const std::uint32_t m = draw(members);
    there_[m] = true;
    step(MemberJoined{member(m), 1 + (m % 2) * draw(4), m % 2 != 0});
  }
  void lose(MemberId who) {
    there_[index_of(who)] = false;
    step(MemberLost{who, chance(4)});
  }
  /// Some deal, mostly one of the last.
  Dispatch deal() {
    if (deals_.empty()) return {member(draw(members)), make_chunk_id(draw(9), draw(9)), task(0)};
    const auto back = static_cast<std::uint32_t>(std::min<std::size_t>(deals_.size(), chance(8) ? 1000 : 12));
    return deals_[deals_.size() - 1 - draw(back)];
  }
  void say_anything() {
    const Dispatch about = deal();
    const std::uint32_t first = draw(about.count + 1), count = draw(about.count + 2);
    switch (draw(7)) {
      case 0:
        return step(Started{about.chunk});
      case 1:
        return step(Finished{about.chunk, first, count, microseconds(draw(3000)) * (count + 1)});
      case 2:
        return step(Failed{about.chunk, first, milliseconds(1), chance(2)});
      case 3:
        return step(RecallAnswered{about.chunk, true, first, count, draw(3)});
      case 4:
        return step(RecallAnswered{.chunk = about.chunk, .recalled = false});
      case 5:
        return step(CancelOneRequested{about.task, about.first + first});
      default:
        return step(CancelRequested{about.task, chance(2), chance(2) ? 0xffffffff : draw(100), chance(4)});
    }
  }
  void anything() {
    switch (draw(16)) {
      case 0:
        return join();
      case 1:
        return lose(member(draw(members)));
      case 2:
      case 3:
      case 4:
        return submit();
      case 5:
        return step(Tick{});
      case 6:
        return step(MemberUnborn{});
      case 7:
        return doomed_.empty() ? step(Tick{}) : lose(doomed_.back());
      default:
        return say_anything();
    }
  }
  /// From now on only good things happen.
  void finish_all() {
    for (std::uint32_t m = 0; m < members; ++m) lose(member(m));
    there_[0] = true;
    step(MemberJoined{member(0)});
    for (std::size_t done = 0; !scheduler_.idle(); ++done) {
      ASSERT_LT(done, 200000u);
      if (done < deals_.size()) {
        const Dispatch what = deals_[done];
        step(Finished{what.chunk, 0, what.count, milliseconds(what.count)});
      } else {
        now_ = scheduler_.next_deadline() == Instant::never() ? now_
                                                              : std::max(now_, scheduler_.next_deadline());
        step(Tick{});
        --done;
      }
    }
  }

  std::mt19937 random_{GetParam()};
  Scheduler scheduler_{draw_policy()};
  Instant now_;
  std::vector<Dispatch> deals_;
  std::vector<MemberId> doomed_;
  std::vector<std::vector<int>> ends_;  ///< of each range, how often each task has ended
  std::uint32_t left_[slots] = {};
  bool there_[members] = {};
};

TEST_P(Chaos, every_task_ends_exactly_once) {
  for (int i = 0; i < 4000 && !HasFatalFailure(); ++i) anything();
  if (chance(3)) step(DrainRequested{now_ + milliseconds(draw(20))});
  for (int i = 0; i < 200 && !HasFatalFailure(); ++i) anything();
  if (!HasFatalFailure()) finish_all();
  ASSERT_TRUE(scheduler_.idle());
  for (const std::vector<int>& ends : ends_) {
    for (const int times : ends) ASSERT_EQ(times, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(seed, Chaos, testing::Range(0u, 60u));

}  // namespace
}  // namespace acre::schedule

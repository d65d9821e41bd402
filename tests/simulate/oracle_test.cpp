// The oracle objects to each thing that a scheduler must not do.
#include <gtest/gtest.h>

#include <acre/simulate/oracle.hpp>

namespace acre::simulate {
namespace {

using namespace schedule;
using std::chrono::milliseconds;

constexpr TaskId range{1};
constexpr ChunkId chunk{1}, other_chunk{2};
constexpr MemberId worker{0}, other_worker{1};

/// A scheduler made of literals: each step is an event and what a scheduler did about it.
class OracleTest : public testing::Test {
 protected:
  /// What the oracle objects to first in this step; nothing if it is content with the actions.
  std::string step(const Event& event, const Actions& actions = {}) {
    try {
      oracle_.before(now_, event);
      for (const Action& action : actions) oracle_.on(action);
    } catch (const Broken& broken) {
      return broken.what();
    }
    return {};
  }
  /// The same, and that what is due in this step was done.
  std::string step_to_its_end(const Event& event, const Actions& actions = {}) {
    const std::string objection = step(event, actions);
    if (!objection.empty()) return objection;
    try {
      oracle_.after(Scheduler{});
    } catch (const Broken& broken) {
      return broken.what();
    }
    return {};
  }
  void join(MemberId member = worker) { ASSERT_EQ(step(MemberJoined{member}), ""); }
  void submit(std::uint32_t count = 1, std::uint32_t max_attempts = 1) {
    ASSERT_EQ(step(Submitted{.task = range, .max_attempts = max_attempts, .count = count}), "");
  }
  Dispatch deal(std::uint32_t first = 0, std::uint32_t count = 1, std::uint32_t attempt = 1) const {
    return {worker, chunk, range, first, count, attempt};
  }
  void dealt(std::uint32_t count = 1, std::uint32_t max_attempts = 1) {
    join();
    ASSERT_EQ(step(Submitted{.task = range, .max_attempts = max_attempts, .count = count}, {deal(0, count)}),
              "");
  }

  Policy policy_{.max_strikes = 1};
  Oracle oracle_{policy_};
  Instant now_{};
};

TEST_F(OracleTest, is_content_with_a_task_well_done) {
  dealt();
  EXPECT_EQ(step(Started{chunk}), "");
  EXPECT_EQ(step(Finished{.chunk = chunk}, {Deliver{range}}), "");
  EXPECT_EQ(oracle_.ended(), 1u);
  EXPECT_EQ(oracle_.live(), 0u);
}

TEST_F(OracleTest, nothing_is_delivered_twice) {
  dealt(2);
  EXPECT_EQ(step(Finished{.chunk = chunk}, {Deliver{range}, Deliver{range}}),
            "delivered a task that has ended");
}

TEST_F(OracleTest, nothing_is_delivered_without_an_outcome) {
  dealt(2);
  EXPECT_EQ(step(Finished{.chunk = chunk}, {Deliver{range, 1}}), "delivered a task that has no outcome");
}

TEST_F(OracleTest, outcomes_are_delivered_at_once) {
  dealt();
  EXPECT_EQ(step_to_its_end(Finished{.chunk = chunk}), "did not deliver an outcome");
}

TEST_F(OracleTest, a_stale_outcome_is_not_delivered) {
  dealt(1, 2);
  EXPECT_EQ(step(MemberLost{worker}), "");
  EXPECT_EQ(step(Finished{.chunk = chunk}, {Deliver{range}}), "delivered a task that has no outcome");
}

TEST_F(OracleTest, nothing_is_dealt_twice) {
  dealt();
  join(other_worker);
  EXPECT_EQ(step(Tick{}, {Dispatch{other_worker, other_chunk, range}}), "dealt a task that a member has");
}

TEST_F(OracleTest, nothing_is_dealt_to_who_is_not_there) {
  join();
  submit();
  EXPECT_EQ(step(MemberLost{worker}, {deal()}), "dealt to a member that is not there");
}

TEST_F(OracleTest, nothing_is_dealt_to_who_is_to_be_killed) {
  dealt();
  ASSERT_EQ(step(Started{chunk}), "");
  ASSERT_EQ(step(CancelRequested{.task = range, .kill = true}, {Kill{worker, Reason::cancelled}}), "");
  const TaskId another{2};
  EXPECT_EQ(step(Submitted{another}, {Dispatch{worker, other_chunk, another}}),
            "dealt to a member that is to be killed");
}

TEST_F(OracleTest, attempts_are_counted) {
  dealt(1, 3);
  ASSERT_EQ(step(Started{chunk}), "");
  EXPECT_EQ(step(MemberLost{worker}), "");
  join();
  EXPECT_EQ(step(Tick{}, {Dispatch{worker, other_chunk, range, 0, 1, 1}}), "miscounted attempts");
}

TEST_F(OracleTest, only_what_ran_lost_an_attempt) {
  dealt(2, 3);
  ASSERT_EQ(step(Started{chunk}), "");
  EXPECT_EQ(step(MemberLost{worker}), "");
  join();
  EXPECT_EQ(step(Tick{}, {Dispatch{worker, other_chunk, range, 1, 1, 2}}), "miscounted attempts");
}

TEST_F(OracleTest, strikes_are_not_forgotten) {
  dealt(1, 3);
  ASSERT_EQ(step(Started{chunk}), "");
  EXPECT_EQ(step_to_its_end(MemberLost{worker}), "forgot a strike");
}

TEST_F(OracleTest, given_up_only_for_a_reason) {
  const auto objection = [&](Reason reason) {
    Oracle fresh{policy_};
    std::swap(oracle_, fresh);
    submit();
    return step(Tick{}, {GiveUp{range, reason}});
  };
  EXPECT_EQ(objection(Reason::cancelled), "gave up as cancelled what nobody cancelled");
  EXPECT_EQ(objection(Reason::worker_lost), "gave up for lost workers what may be tried again");
  EXPECT_EQ(objection(Reason::timed_out), "gave up for its time what did not run too long");
  EXPECT_EQ(objection(Reason::quarantined), "quarantined a task with too few strikes");
  EXPECT_EQ(objection(Reason::drained), "gave up as drained what could be run");
}

TEST_F(OracleTest, what_waits_ends_by_a_cancel_and_by_a_drain) {
  submit(2);
  EXPECT_EQ(step_to_its_end(CancelRequested{.task = range}), "did not end what was to end");
  EXPECT_EQ(step_to_its_end(DrainRequested{}), "did not end what was to end");
}

TEST_F(OracleTest, nobody_is_killed_without_a_reason) {
  join();
  ASSERT_EQ(step(Submitted{.task = range, .timeout = milliseconds(5)}, {deal()}), "");
  ASSERT_EQ(step(Started{chunk}), "");
  now_ = Instant{} + milliseconds(4);
  EXPECT_EQ(step(Tick{}, {Kill{worker, Reason::timed_out}}),
            "killed a worker although its task has not run too long");
  EXPECT_EQ(step(Tick{}, {Kill{worker, Reason::cancelled}}), "killed a worker whose task is still wanted");
  now_ = Instant{} + milliseconds(5);
  EXPECT_EQ(step(Tick{}, {Kill{worker, Reason::timed_out}}), "");
}

TEST_F(OracleTest, agents_are_not_killed) {
  ASSERT_EQ(step(MemberJoined{.member = worker, .workers = 1, .agent = true}), "");
  EXPECT_EQ(step(Tick{}, {Kill{worker, Reason::cancelled}}), "killed what is not a worker");
}

TEST_F(OracleTest, recalled_only_from_who_has_it) {
  dealt(2);
  join(other_worker);
  EXPECT_EQ(step(Tick{}, {Recall{other_worker, chunk, 1}}), "recalled a chunk from another member");
  EXPECT_EQ(step(Tick{}, {Recall{worker, chunk, 3}}), "recalled more tasks than could be unstarted");
  EXPECT_EQ(step(Started{chunk}, {Recall{worker, chunk, 2}}), "recalled more tasks than could be unstarted");
  EXPECT_EQ(step(Tick{}, {Recall{worker, other_chunk, 1}}), "recalled a chunk that no member has");
}

TEST_F(OracleTest, what_is_of_a_higher_priority_goes_first) {
  submit();
  const TaskId urgent{2};
  ASSERT_EQ(step(Submitted{.task = urgent, .priority = 1}), "");
  EXPECT_EQ(step(MemberJoined{worker}, {deal()}), "dealt a task although one of a higher priority is ready");
}

TEST_F(OracleTest, backoffs_are_kept) {
  policy_.backoff = milliseconds(10);
  oracle_ = Oracle(policy_);
  dealt(1, 3);
  ASSERT_EQ(step(Failed{.chunk = chunk, .retry = true}), "");
  now_ = Instant{} + milliseconds(9);
  const Dispatch again{worker, other_chunk, range, 0, 1, 2};
  EXPECT_EQ(step(Tick{}, {again}), "tried a task again before its backoff had passed");
  now_ = Instant{} + milliseconds(10);
  EXPECT_EQ(step(Tick{}, {again}), "");
}

TEST_F(OracleTest, queues_are_bounded) {
  policy_.prefetch_min = policy_.prefetch_max = 1;
  oracle_ = Oracle(policy_);
  join();
  const Actions three{Dispatch{worker, ChunkId{1}, range, 0}, Dispatch{worker, ChunkId{2}, range, 1},
                      Dispatch{worker, ChunkId{3}, range, 2}};
  EXPECT_EQ(step(Submitted{.task = range, .count = 3}, three), "dealt more chunks than a member may hold");
}

TEST_F(OracleTest, nobody_is_retired_who_is_needed) {
  dealt();
  EXPECT_EQ(step(DrainRequested{}, {Retire{worker}}), "retired a member that is needed");
}

TEST_F(OracleTest, breaking_takes_deaths) {
  EXPECT_EQ(step(MemberUnborn{}, {Break{}}), "broke although workers get somewhere");
}

}  // namespace
}  // namespace acre::simulate

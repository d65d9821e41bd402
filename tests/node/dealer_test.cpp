// The dealer: tasks in, outcomes out, over groups of members that a test plays.
#include <gtest/gtest.h>

#include <acre/base/error.hpp>

#include "node/scripted_group.hpp"

namespace acre::test {
namespace {
using node::Dealer;
using task::Ending;

class Dealing : public testing::Test {
 protected:
  Dealing() {
    auto owned = std::make_unique<ScriptedGroup>();
    group = owned.get();
    dealer.add_group(std::move(owned));
  }
  std::pair<TaskId, std::shared_ptr<Heard>> submit(const std::string& arguments = "x",
                                                   std::uint32_t max_attempts = 1) {
    node::TaskRequest request;
    request.head.index = next_index++;
    const ByteView bytes = bytes_of_text(arguments);
    request.arguments.assign(bytes.begin(), bytes.end());
    request.terms.max_attempts = max_attempts;
    auto heard = std::make_shared<Heard>();
    request.completion = heard;
    return {dealer.submit(std::move(request)), heard};
  }
  MemberId join(std::uint32_t workers = 1) {
    MemberId member{};
    group->join(&member, workers);
    EXPECT_TRUE(dealer.progress());
    return member;
  }

  Dealer dealer;
  ScriptedGroup* group;
  std::uint64_t next_index = 100;
};

TEST_F(Dealing, tasks_wait_for_a_member_and_their_outcome_comes_back_once) {
  const auto [task, heard] = submit("arguments");
  EXPECT_TRUE(group->dealt.empty());
  EXPECT_FALSE(dealer.progress());
  const MemberId member = join();
  ASSERT_EQ(group->dealt.size(), 1u);
  const ScriptedGroup::Dealt dealt = group->dealt[0];
  EXPECT_EQ(dealt.member, member);
  EXPECT_EQ(dealt.first, 0u);
  EXPECT_EQ(dealt.count, 1u);
  EXPECT_EQ(dealt.head.index, 100u);
  EXPECT_EQ(dealt.head.attempt, 1u);
  EXPECT_EQ(dealt.arguments.size(), 9u);
  group->end(dealt, "value");
  group->end(dealt, "again");
  EXPECT_TRUE(dealer.progress());
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].value.size(), 5u);
  EXPECT_TRUE(dealer.idle());
}

TEST_F(Dealing, an_outcome_of_an_earlier_use_of_a_slot_is_dropped) {
  join();
  const auto [first, heard_first] = submit();
  const ScriptedGroup::Dealt old = group->dealt[0];
  group->end(old, "first");
  dealer.progress();
  const auto [second, heard_second] = submit();
  EXPECT_NE(first, second);
  group->end(old, "late");
  dealer.progress();
  EXPECT_TRUE(heard_second->outcomes.empty());
  EXPECT_EQ(heard_first->outcomes.size(), 1u);
}

TEST_F(Dealing, a_lost_member_costs_what_ran_one_attempt_and_what_waited_none) {
  const MemberId member = join();
  const auto [running, heard_running] = submit("a", 2);
  const auto [waiting, heard_waiting] = submit("b", 2);
  group->report([=, chunk = group->dealt[0].chunk](node::MemberEvents& events) {
    events.started(chunk);
    events.lost(member, {.words = "it died", .how = "died", .worker = 3});
  });
  dealer.progress();
  EXPECT_EQ(dealer.counts().ready, 2u);
  group->dealt.clear();
  join(2);
  ASSERT_EQ(group->dealt.size(), 2u);
  for (const auto& dealt : group->dealt) EXPECT_EQ(dealt.head.attempt, dealt.head.index == 100 ? 2u : 1u);
  EXPECT_TRUE(heard_running->outcomes.empty());
  EXPECT_TRUE(heard_waiting->outcomes.empty());
}

TEST_F(Dealing, attempts_that_run_out_end_in_the_words_of_the_loss) {
  const MemberId member = join();
  const auto [task, heard] = submit("a", 1);
  group->report([=, chunk = group->dealt[0].chunk](node::MemberEvents& events) {
    events.started(chunk);
    events.lost(member, {.words = "it died of something", .how = "died", .worker = 3, .rank = 5});
  });
  dealer.progress();
  ASSERT_EQ(heard->outcomes.size(), 1u);
  const task::Outcome& outcome = heard->outcomes[0];
  EXPECT_EQ(outcome.ending, Ending::worker_lost);
  EXPECT_EQ(outcome.message, "it died of something");
  EXPECT_EQ(outcome.execution.worker, 3u);
  EXPECT_EQ(outcome.execution.rank, 5);
  EXPECT_EQ(outcome.execution.attempt, 1u);
}

TEST_F(Dealing, cancel_asks_a_member_back_and_ends_when_it_answers) {
  const MemberId member = join();
  const auto [task, heard] = submit();
  dealer.cancel({task});
  ASSERT_EQ(group->recalled.size(), 1u);
  EXPECT_EQ(group->recalled[0].member, member);
  EXPECT_EQ(group->recalled[0].count, 1u);
  EXPECT_FALSE(group->recalled[0].unwanted);
  EXPECT_TRUE(heard->outcomes.empty());
  group->report(
      [chunk = group->dealt[0].chunk](node::MemberEvents& events) { events.taken_back(chunk, 0, 1, {}); });
  dealer.progress();
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].ending, Ending::cancelled);
}

TEST_F(Dealing, cancel_of_what_waits_here_ends_at_once) {
  const auto [task, heard] = submit();
  dealer.cancel({task});
  dealer.cancel({task});
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].ending, Ending::cancelled);
}

TEST_F(Dealing, drain_ends_what_waits_and_lets_finish_what_runs) {
  join();
  const auto [running, heard_running] = submit();
  dealer.drain();
  group->report([chunk = group->dealt[0].chunk](node::MemberEvents& events) { events.kept(chunk); });
  const auto [late, heard_late] = submit();
  ASSERT_EQ(heard_late->outcomes.size(), 1u);
  EXPECT_EQ(heard_late->outcomes[0].ending, Ending::drained);
  dealer.progress();
  group->end(group->dealt[0], "done");
  dealer.progress();
  ASSERT_EQ(heard_running->outcomes.size(), 1u);
  EXPECT_EQ(heard_running->outcomes[0].ending, Ending::value);
  EXPECT_TRUE(dealer.idle());
}

TEST_F(Dealing, a_broken_group_ends_all_tasks_now_and_later_in_its_first_words) {
  join();
  const auto [first, heard_first] = submit();
  group->report([](node::MemberEvents& events) {
    events.broken("no workers");
    events.broken("other words");
  });
  dealer.progress();
  const auto [second, heard_second] = submit();
  for (const auto& heard : {heard_first, heard_second}) {
    ASSERT_EQ(heard->outcomes.size(), 1u);
    EXPECT_EQ(heard->outcomes[0].ending, Ending::broken);
    EXPECT_EQ(heard->outcomes[0].message, "no workers");
  }
  group->end(group->dealt[0], "late");
  dealer.progress();
  EXPECT_EQ(heard_first->outcomes.size(), 1u);
  EXPECT_EQ(dealer.broken_words(), "no workers");
}

// A system that refuses memory or a descriptor stops the dealing, not the program.
TEST_F(Dealing, a_dispatch_that_throws_breaks_the_dealer_in_words) {
  join();
  group->refusal = "cannot make a socket pair: Too many open files";
  const auto [task, heard] = submit();
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].ending, Ending::broken);
  EXPECT_EQ(heard->outcomes[0].message, *group->refusal);
  const auto [later, heard_later] = submit();
  EXPECT_EQ(heard_later->outcomes.size(), 1u);
}

TEST_F(Dealing, sleep_is_planned_with_all_groups) {
  auto owned = std::make_unique<ScriptedGroup>();
  ScriptedGroup* const other = owned.get();
  dealer.add_group(std::move(owned));
  std::vector<pollfd> descriptors;
  Duration longest = std::chrono::seconds(1);
  EXPECT_TRUE(dealer.prepare_sleep({}, descriptors, longest));
  EXPECT_EQ(descriptors.size(), 2u);
  EXPECT_EQ(longest, std::chrono::milliseconds(3));
  EXPECT_FALSE(other->last_plan.low_water);
  submit();
  EXPECT_TRUE(dealer.prepare_sleep({}, descriptors, longest));
  EXPECT_TRUE(other->last_plan.low_water) << "tasks wait: members must ring before they have run dry";
  other->report([](node::MemberEvents&) {});
  EXPECT_FALSE(dealer.prepare_sleep({}, descriptors, longest));
  EXPECT_FALSE(dealer.closed());
  dealer.close();
  EXPECT_TRUE(dealer.closed());
}

TEST_F(Dealing, members_are_told_apart_when_their_numbers_are_used_again) {
  const MemberId first = join();
  const auto [task, heard] = submit("a", 5);
  group->report([=](node::MemberEvents& events) { events.lost(first, {.words = "gone", .how = "went"}); });
  dealer.progress();
  group->dealt.clear();
  const MemberId second = join();
  EXPECT_EQ(second, first);
  ASSERT_EQ(group->dealt.size(), 1u);
  EXPECT_EQ(group->dealt[0].head.attempt, 1u);
  group->end(group->dealt[0], "value");
  dealer.progress();
  EXPECT_EQ(heard->outcomes.size(), 1u);
}

TEST_F(Dealing, a_range_comes_back_task_by_task_whatever_chunks_it_was_dealt_in) {
  const MemberId member = join();
  node::TaskRequest request;
  request.head.index = 40;
  const ByteView bytes = bytes_of_text("abbccc");
  request.arguments.assign(bytes.begin(), bytes.end());
  request.ends = {1, 3, 6};
  request.terms = {.max_attempts = 2, .chunk = 2};
  const auto heard = std::make_shared<Heard>();
  request.completion = heard;
  dealer.submit(std::move(request));
  ASSERT_EQ(group->dealt.size(), 1u);
  EXPECT_EQ(group->dealt[0].count, 2u);
  EXPECT_EQ(group->dealt[0].arguments.size(), 3u);
  group->end(group->dealt[0], "one", 0);
  group->report([=, chunk = group->dealt[0].chunk](node::MemberEvents& events) {
    events.started(chunk);
    events.lost(member, {.words = "it died", .how = "died"});
  });
  dealer.progress();
  EXPECT_EQ(heard->places, std::vector<std::uint32_t>{0});
  group->dealt.clear();
  join(3);
  ASSERT_EQ(group->dealt.size(), 2u);
  for (const auto& dealt : group->dealt) {
    EXPECT_EQ(dealt.head.index, 40u + dealt.first);
    EXPECT_EQ(dealt.head.attempt, dealt.first == 1 ? 2u : 1u);
    EXPECT_EQ(dealt.arguments.size(), dealt.first + 1u);
    group->end(dealt, "value");
  }
  dealer.progress();
  EXPECT_EQ(heard->outcomes.size(), 3u);
  EXPECT_TRUE(dealer.idle());
}

TEST_F(Dealing, the_account_of_a_quarantined_task_tells_of_each_worker) {
  schedule::Policy policy;
  policy.max_strikes = 2;
  Dealer strict(policy);
  auto owned = std::make_unique<ScriptedGroup>();
  group = owned.get();
  strict.add_group(std::move(owned));
  const auto heard = std::make_shared<Heard>();
  node::TaskRequest request;
  request.terms.max_attempts = 9;
  request.completion = heard;
  strict.submit(std::move(request));
  for (const char* words : {"its worker (process 1) fell", "its worker (process 2) sank"}) {
    MemberId member{};
    group->join(&member);
    strict.progress();
    group->report([=, chunk = group->dealt.back().chunk](node::MemberEvents& events) {
      events.started(chunk);
      events.lost(member, {.words = words, .how = "ended"});
    });
    strict.progress();
  }
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].ending, Ending::quarantined);
  EXPECT_EQ(heard->outcomes[0].message,
            "it is not tried again, as it ended 2 workers: its worker (process 1) fell; its worker (process "
            "2) sank");
}

TEST_F(Dealing, a_task_with_a_timeout_makes_groups_watch_starts_and_ends_its_worker) {
  const MemberId member = join();
  EXPECT_FALSE(group->watches_starts);
  node::TaskRequest request;
  request.terms = {.max_attempts = 1, .timeout_ns = 1};
  const auto heard = std::make_shared<Heard>();
  request.completion = heard;
  dealer.submit(std::move(request));
  EXPECT_TRUE(group->watches_starts);
  group->report([chunk = group->dealt[0].chunk](node::MemberEvents& events) { events.started(chunk); });
  const Instant limit = now() + std::chrono::seconds(10);
  while (group->killed.empty() && now() < limit) dealer.progress();
  ASSERT_EQ(group->killed, std::vector<MemberId>{member});
  group->report(
      [=](node::MemberEvents& events) { events.lost(member, {.words = "it was ended", .how = "ended"}); });
  dealer.progress();
  ASSERT_EQ(heard->outcomes.size(), 1u);
  EXPECT_EQ(heard->outcomes[0].ending, Ending::timed_out);
  EXPECT_EQ(heard->outcomes[0].message, "it ran longer than its timeout: it was ended");
}

}  // namespace
}  // namespace acre::test

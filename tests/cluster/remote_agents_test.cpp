// Rank 0 is the root; rank 1 stands for an agent and sends what a test has it send.
#include <acre/cluster/remote_agents.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include <acre/base/error.hpp>
#include <acre/wire/codec.hpp>

#include "mpi_main.hpp"
#include "support/member_events.hpp"

namespace acre::cluster {
namespace {

using test::mpi;
constexpr std::uint32_t channel = 1;
using std::chrono::microseconds;

// Counts what is told.
class Told final : public acre::test::DeafToMembers {
 public:
  MemberId enroll(node::MemberGroup&) override { return member; }
  void joined(MemberId, std::uint32_t count, bool) override { workers = count; }
  void returned(ChunkId, std::uint32_t, const task::Values& values) override {
    values_told += values.count();
  }

  const MemberId member{3};
  std::uint32_t workers = 0, values_told = 0;
};

ValueBatch two_values() {
  ValueBatch batch;
  task::Values values{
      .attempt = 1, .worker = 0, .rank = 1, .bytes = Bytes(2), .marks = {{1, 0, 0}, {2, 0, 0}}};
  batch.add(make_chunk_id(0, 1), 0, values, 0, 2);
  return batch;
}

// A root and its agents, of which rank 1 joins with 4 workers and then sends these values.
class RemoteAgentsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (mpi().size() < 2) GTEST_SKIP() << "takes two ranks";
    MPI_Comm comm = MPI_COMM_NULL;
    check(MPI_Comm_dup(mpi().world(), &comm), "MPI_Comm_dup");
    link_.emplace(comm);
  }
  void TearDown() override {
    if (link_) link_->close();
  }
  void be_agent(const ValueBatch& batch) {
    send(FrameKind::workers, wire::to_bytes(WorkersReport{4, true}));
    send(FrameKind::values, wire::to_bytes(batch));
  }
  template <class Done>
  void poll_until(RemoteAgents& agents, Done done) {
    const Instant late = now() + std::chrono::seconds(20);
    while (!done() && now() < late)
      if (!agents.poll(told_)) std::this_thread::yield();
  }
  RemoteAgents agents() {
    return {*link_, {1}, {.channel = channel, .event_log = {}, .setup = {}}, [] {}};
  }

  std::optional<Link> link_;
  Told told_;

 private:
  void send(FrameKind kind, Bytes payload) {
    link_->send({0, channel, static_cast<std::uint32_t>(kind), std::move(payload)});
  }
};

TEST_F(RemoteAgentsTest, LookAtMpiAsOftenAsTheTasksAskFor) {
  if (mpi().rank() == 1) be_agent(two_values());
  if (mpi().rank() != 0) return;
  RemoteAgents group = agents();
  const auto nap = [&](const node::SleepPlan& plan) {
    EXPECT_TRUE(group.prepare_sleep(plan));
    return group.longest_sleep();
  };
  EXPECT_EQ(nap({.awaited = {}}), microseconds(2000)) << "until it has joined";
  poll_until(group, [&] { return told_.workers == 4 && told_.values_told == 2; });
  EXPECT_EQ(told_.values_told, 2U);
  node::TaskRequest tasks{.head = {}, .arguments = {}, .ends = {}, .terms = {}, .completion = nullptr};
  tasks.ends.resize(402);
  group.dispatch(told_.member, {.chunk = make_chunk_id(0, 1), .count = 402}, tasks);
  // Two have ended, which leaves 100 to each worker: a quarter of their time.
  const microseconds tenth_ms(100);
  EXPECT_EQ(nap({.awaited = {}, .task_time = microseconds(40)}), microseconds(1000));
  EXPECT_EQ(nap({.awaited = {}, .task_time = tenth_ms}), microseconds(2000));
  EXPECT_EQ(nap({.awaited = {}, .task_time = microseconds(4)}), microseconds(300)) << "sparing busy cores";
  EXPECT_EQ(nap({.awaited = {}, .task_time = microseconds(4), .idle_workers = true}), tenth_ms);
  EXPECT_EQ(nap({.any_result = true, .awaited = {}, .task_time = microseconds(2000)}), microseconds(500));
  EXPECT_EQ(nap({.any_result = true, .awaited = {}, .idle_workers = true}), microseconds(20));
}

TEST_F(RemoteAgentsTest, ValuesThatDoNotFitTogetherAreRefusedInWords) {
  ValueBatch bad = two_values();
  bad.marks.pop_back();
  if (mpi().rank() == 1) be_agent(bad);
  if (mpi().rank() != 0) return;
  RemoteAgents group = agents();
  try {
    poll_until(group, [] { return false; });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "rank 1 sent values whose numbers do not fit together");
  }
  EXPECT_EQ(told_.values_told, 0U);
}

}  // namespace
}  // namespace acre::cluster

// What the agent takes from a worker that answers its tasks, when it believes it, and when it wants to be
// rung.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <string>

#include <acre/node/pool_worker.hpp>

namespace acre::test {
namespace {
using channel::progress_at;
using node::Up;
using node::value_mark;

std::string text_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// Both sides of a worker that has been dealt so many tasks of chunk 5 in one message.
class BothSides : public testing::Test {
 protected:
  explicit BothSides(std::uint32_t tasks) {
    node::TaskRequest request;
    request.ends.resize(tasks);
    worker_.dispatch({.chunk = ChunkId{5}, .first = 0, .count = tasks, .attempt = 1}, request);
  }

  node::PoolWorker worker_{0};
  channel::EventBell bell_;
  channel::WorkerEnd end_{channel::Descriptor(::dup(worker_.channel().memory())),
                          channel::Descriptor(::dup(worker_.channel().worker_socket())),
                          channel::Descriptor(::dup(bell_.fd()))};
};

class ValuesOfAWorker : public BothSides {
 protected:
  ValuesOfAWorker() : BothSides(3) {}
  void publish(Up kind, std::uint64_t mark, const std::string& value) {
    end_.write(static_cast<std::uint32_t>(kind), {}, bytes_of_text(value), mark);
  }
  void publish_value(std::uint32_t done, std::uint32_t run_ns, const std::string& value) {
    publish(Up::value, value_mark(progress_at(1, done), run_ns), value);
  }
  // Reads what no value is.
  bool read_other(Up kind) {
    channel::OwnedMessage message;
    return worker_.channel().read(message) && message.kind == static_cast<std::uint32_t>(kind);
  }
  std::uint32_t next_place() {
    const auto next = worker_.next();
    return next && next->chunk == ChunkId{5} ? next->place : 77;
  }

  task::Values values_;
};

class RingOfAWorker : public BothSides {
 protected:
  RingOfAWorker() : BothSides(10) {}
  /// How many tasks the worker answers until it rings, if the agent sleeps by this plan.
  std::uint32_t answers_until_rung(const node::SleepPlan& plan) {
    EXPECT_TRUE(worker_.prepare_sleep(plan));
    end_.claim_next();
    for (std::uint32_t answers = 1; answers <= 10; ++answers) {
      if (end_.ring_if_asked()) return answers;
      end_.claim_item();
    }
    return 0;
  }
  static schedule::Whereabouts at(std::uint32_t place) { return {ChunkId{5}, place}; }
};

TEST_F(RingOfAWorker, comes_when_it_has_nothing_left) { EXPECT_EQ(answers_until_rung({.awaited = {}}), 10u); }

TEST_F(RingOfAWorker, comes_at_half_if_there_is_more_to_deal) {
  EXPECT_EQ(answers_until_rung({.low_water = true, .awaited = {}}), 5u);
}

TEST_F(RingOfAWorker, comes_at_the_awaited_task) {
  EXPECT_EQ(answers_until_rung({.awaited = {}, .awaited_at = at(2)}), 3u);
}

TEST_F(RingOfAWorker, may_come_some_tasks_later) {
  EXPECT_EQ(answers_until_rung({.awaited = {}, .awaited_at = at(1), .ahead = 2}), 4u);
}

TEST_F(RingOfAWorker, never_comes_so_late_that_the_worker_runs_dry) {
  EXPECT_EQ(answers_until_rung({.awaited = {}, .awaited_at = at(1), .ahead = 100}), 5u);
}

TEST_F(RingOfAWorker, comes_at_the_awaited_task_also_if_that_is_among_the_last) {
  EXPECT_EQ(answers_until_rung({.awaited = {}, .awaited_at = at(7), .ahead = 100}), 8u);
}

TEST_F(ValuesOfAWorker, begin_when_the_task_before_them_ended) {
  publish(Up::outcome, progress_at(1, 1), "");
  ASSERT_TRUE(read_other(Up::outcome));
  ASSERT_TRUE(worker_.take(progress_at(1, 1), {0, 1000, 50}));
  publish_value(2, 10, "two");
  EXPECT_EQ(worker_.take_values(values_), 1u);
  publish_value(3, 20, "three");
  EXPECT_EQ(worker_.take_values(values_), 1u);
  ASSERT_EQ(values_.count(), 2u);
  EXPECT_EQ(text_of(values_.bytes_of(0)), "two");
  EXPECT_EQ(text_of(values_.bytes_of(1)), "three");
  EXPECT_EQ(values_.bytes.size(), 8u);
  EXPECT_EQ(values_.marks[0].start_ns, 1050);
  EXPECT_EQ(values_.marks[0].run_ns, 10);
  EXPECT_EQ(values_.marks[1].start_ns, 1060);
  EXPECT_EQ(values_.marks[1].run_ns, 20);
  EXPECT_FALSE(worker_.next());
}

TEST_F(ValuesOfAWorker, are_taken_in_order_and_once) {
  publish_value(1, 0, "a");
  publish_value(1, 0, "a");
  EXPECT_EQ(worker_.take_values(values_), 1u);
  EXPECT_EQ(worker_.take_values(values_), 0u);
  EXPECT_TRUE(read_other(Up::value)) << "it is left where it is";
  publish_value(3, 0, "c");
  EXPECT_EQ(worker_.take_values(values_), 0u);
  EXPECT_TRUE(read_other(Up::value));
  publish(Up::value, value_mark(progress_at(2, 2), 0), "of another message");
  EXPECT_EQ(worker_.take_values(values_), 0u);
  EXPECT_TRUE(read_other(Up::value));
  publish_value(2, 0, "b");
  EXPECT_EQ(worker_.take_values(values_), 1u);
  EXPECT_EQ(values_.count(), 2u);
  EXPECT_EQ(next_place(), 2u);
}

TEST_F(ValuesOfAWorker, beyond_the_last_task_are_nobodys) {
  for (std::uint32_t done = 1; done <= 4; ++done) publish_value(done, 0, "x");
  EXPECT_EQ(worker_.take_values(values_), 3u);
  EXPECT_EQ(worker_.take_values(values_), 0u);
  EXPECT_TRUE(read_other(Up::value));
}

TEST_F(ValuesOfAWorker, count_also_before_a_violation) {
  publish_value(1, 0, "one");
  publish_value(2, 0, "two");
  const auto memory =
      channel::Mapping::shared(worker_.channel().memory(), 0, 4096 + 2 * channel::ring_capacity);
  auto* second = std::launder(reinterpret_cast<channel::MessageHeader*>(
      memory.data() + 4096 + channel::ring_capacity + channel::ring_space(3)));
  ASSERT_EQ(second->length, 3u);
  second->length = 17;
  EXPECT_THROW(worker_.take_values(values_), channel::Violation);
  EXPECT_EQ(values_.count(), 1u);
  EXPECT_EQ(text_of(values_.bytes), "one");
  EXPECT_EQ(next_place(), 1u);
}

// Larger than the room that is kept for small ones, so that it grows in between.
TEST_F(ValuesOfAWorker, of_any_size_lie_one_behind_the_other) {
  const std::string large(5000, 'l');
  publish_value(1, 0, large);
  publish_value(2, 0, "");
  publish_value(3, 0, large + "!");
  EXPECT_EQ(worker_.take_values(values_), 3u);
  EXPECT_EQ(text_of(values_.bytes_of(0)), large);
  EXPECT_EQ(text_of(values_.bytes_of(1)), "");
  EXPECT_EQ(text_of(values_.bytes_of(2)), large + "!");
  EXPECT_EQ(values_.bytes.size(), 10'001u);
}

}  // namespace
}  // namespace acre::test

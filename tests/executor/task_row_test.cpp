// States of futures that lie together: each has its own end, its value goes with its last handle, and is made
// once, or again if that failed.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <acre/executor/future.hpp>
#include <acre/executor/task_row.hpp>

namespace acre::test {

/// Counts itself.
struct Counted {
  explicit Counted(int n = 0) : number(n) { ++alive; }
  Counted(const Counted& other) : Counted(other.number) {}
  ~Counted() { --alive; }
  static inline std::atomic<int> alive = 0;
  int number;
};
/// Is decoded with difficulty.
struct Stubborn {
  int number = 0;
  static inline std::atomic<int> attempts = 0, failures = 0;
  static inline std::atomic<bool> waits = false, waiting = false;
};
struct alignas(64) Wide {
  double numbers[8] = {};
};

}  // namespace acre::test

template <>
struct acre::wire::Codec<acre::test::Counted> {
  static void encode(Writer& writer, const test::Counted& value) { writer.number(value.number); }
  static test::Counted decode(Reader& reader) { return test::Counted(reader.number<int>()); }
};
template <>
struct acre::wire::Codec<acre::test::Stubborn> {
  static void encode(Writer& writer, const test::Stubborn& value) { writer.number(value.number); }
  static test::Stubborn decode(Reader& reader) {
    ++test::Stubborn::attempts;
    test::Stubborn::waiting = true;
    test::Stubborn::waiting.notify_all();
    test::Stubborn::waits.wait(true);
    const int number = reader.number<int>();
    if (test::Stubborn::failures-- > 0) {
      if (number < 0) throw number;  // NOLINT: whatever a user's decoder throws
      throw std::range_error("not yet");
    }
    return {number};
  }
};
template <>
struct acre::wire::Codec<acre::test::Wide> {
  static void encode(Writer& writer, const test::Wide& value) { writer.append(&value, sizeof value); }
  static test::Wide decode(Reader& reader) {
    test::Wide value;
    for (double& number : value.numbers) number = reader.number<double>();
    return value;
  }
};

namespace acre::test {
namespace {
using executor::StateHandle;
using executor::TaskRow;
using executor::TaskRowOf;

// The engine is asked for nothing but the names of hosts.
std::shared_ptr<executor::Engine> engine() {
  static const struct Kept {
    std::shared_ptr<executor::Engine> engine = std::make_shared<executor::Engine>(executor::EngineOptions{});
    ~Kept() { engine->shutdown(true); }
  } kept;
  return kept.engine;
}

template <class T>
struct Row {
  explicit Row(std::uint32_t places, std::uint64_t first = 0)
      : row(TaskRowOf<T>::make(engine(), first, places)), life(row) {
    while (!row->full()) futures.emplace_back(row->add());
  }
  /// These are the values of the tasks from `place` on.
  void complete(std::uint32_t place, const std::vector<T>& all) {
    task::Values values;
    wire::Writer writer(values.bytes);
    for (const T& value : all) {
      wire::Codec<T>::encode(writer, value);
      values.marks.push_back({.end = writer.size()});
    }
    row->complete_all(place, values, 0, values.count());
  }
  std::shared_ptr<TaskRow> row;
  std::vector<Future<T>> futures;
  std::weak_ptr<TaskRow> life;
};

task::Outcome thrown() {
  task::Outcome outcome;
  outcome.ending = task::Ending::thrown;
  outcome.type = "std::range_error";
  outcome.message = "no";
  return outcome;
}

template <class E, class T>
std::string caught(const Future<T>& future) {
  try {
    future.get();
  } catch (const E& error) {
    return error.what();
  }
  return "nothing";
}

struct Rows : testing::Test {
  void SetUp() override { Stubborn::attempts = Stubborn::failures = 0; }
};

TEST_F(Rows, of_numbers_take_48_bytes_for_each) { EXPECT_EQ(sizeof(executor::TaskState<double>), 48u); }

TEST_F(Rows, each_state_has_its_own_end) {
  Row<std::uint64_t> row(4, 10);
  row.complete(1, {7, 8});
  row.row->complete(3, thrown());
  EXPECT_FALSE(row.futures[0].done());
  EXPECT_EQ(row.futures[1].get(), 7u);
  EXPECT_EQ(row.futures[2].get(), 8u);
  EXPECT_EQ(row.futures[2].index(), 12u);
  EXPECT_EQ(caught<std::range_error>(row.futures[3]), "no");
  EXPECT_TRUE(row.futures[3].done());
}

TEST_F(Rows, a_value_goes_with_its_future_and_the_memory_with_the_last_one) {
  Row<Counted> row(3);
  row.complete(0, std::vector<Counted>(3, Counted(5)));
  row.row.reset();
  for (const auto& future : row.futures) EXPECT_EQ(future.get().number, 5);
  EXPECT_EQ(Counted::alive, 3);
  Future<Counted> copy = row.futures[1];
  row.futures.clear();
  EXPECT_EQ(Counted::alive, 1);
  EXPECT_FALSE(row.life.expired());
  copy = Row<Counted>(1).futures[0];
  EXPECT_EQ(Counted::alive, 0);
  EXPECT_TRUE(row.life.expired());
}

TEST_F(Rows, what_nobody_waits_for_any_more_may_still_end) {
  Row<std::string> row(3);
  row.complete(0, {"longer than what fits into the state"});
  row.futures.clear();
  row.complete(1, {"longer than what fits into the state"});
  row.row->complete(2, thrown());
  EXPECT_FALSE(row.life.expired()) << "of the tasks";
  row.row.reset();
  EXPECT_TRUE(row.life.expired());
}

TEST_F(Rows, places_that_are_not_taken_keep_nothing) {
  auto row = TaskRowOf<int>::make(engine(), 0, 32);
  const std::weak_ptr<TaskRow> life = row;
  auto state = row->add();
  row->close();
  EXPECT_TRUE(row->full());
  row.reset();
  EXPECT_FALSE(life.expired());
  state = {};
  EXPECT_TRUE(life.expired());
}

TEST_F(Rows, short_ones_take_a_page_at_most) {
  const auto places = [](const auto& row) {
    std::vector<StateHandle> states;
    while (!row->full()) states.push_back(row->add());
    row->close();
    return states.size();
  };
  EXPECT_EQ(places(TaskRowOf<int>::make_short(engine(), 0, 32)), 32u);
  EXPECT_EQ(places(TaskRowOf<std::array<double, 64>>::make_short(engine(), 0, 32)), 7u);
  EXPECT_EQ(places(TaskRowOf<std::array<double, 1000>>::make_short(engine(), 0, 32)), 1u);
}

TEST_F(Rows, values_are_aligned) {
  Row<Wide> row(3);
  row.complete(0, std::vector<Wide>(3));
  for (const auto& future : row.futures)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&future.get()) % alignof(Wide), 0u);
}

TEST_F(Rows, a_number_of_another_length_cannot_be_read) {
  Row<std::uint64_t> row(1);
  task::Outcome outcome;
  outcome.value.resize(3);
  row.row->complete(0, std::move(outcome));
  EXPECT_NE(caught<TaskError>(row.futures[0]).find("cannot be read back"), std::string::npos);
}

TEST_F(Rows, what_cannot_be_decoded_is_tried_again) {
  Row<Stubborn> row(2);
  row.complete(0, {{4}, {-4}});
  Stubborn::failures = 2;
  for (int i = 0; i < 2; ++i)
    EXPECT_NE(caught<TaskError>(row.futures[0]).find("cannot be read back: not yet"), std::string::npos);
  EXPECT_EQ(row.futures[0].get().number, 4);
  EXPECT_EQ(row.futures[0].get().number, 4);
  EXPECT_EQ(Stubborn::attempts, 3);
  Stubborn::failures = 1;
  EXPECT_THROW(row.futures[1].get(), int);
  EXPECT_EQ(row.futures[1].get().number, -4);
}

// One decodes; it fails or not; the others wait for it, and one of them does it if it failed.
TEST_F(Rows, several_threads_ask_for_one_value_and_one_makes_it) {
  for (const int failures : {0, 1}) {
    Row<Stubborn> row(1);
    row.complete(0, {{4}});
    Stubborn::attempts = 0;
    Stubborn::failures = failures;
    Stubborn::waiting = false;
    Stubborn::waits = true;
    std::atomic<int> values = 0, errors = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, future = row.futures[0]] {
        try {
          values += future.get().number;
        } catch (const TaskError&) {
          ++errors;
        }
      });
    Stubborn::waiting.wait(false);
    EXPECT_TRUE(row.futures[0].done()) << "while it is decoded";
    EXPECT_EQ(values + errors, 0);
    Stubborn::waits = false;
    Stubborn::waits.notify_all();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(values, 4 * (4 - failures));
    EXPECT_EQ(errors, failures);
    EXPECT_EQ(Stubborn::attempts, 1 + failures);
  }
}

}  // namespace
}  // namespace acre::test

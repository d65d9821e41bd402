// Failures as data and as exceptions again.
#include <gtest/gtest.h>

#include <system_error>

#include <acre/base/error.hpp>
#include <acre/task/exception.hpp>
#include <acre/task/frame.hpp>
#include <acre/task/hook.hpp>
#include <acre/wire/codec.hpp>

#include "twin.hpp"

namespace acre::test {
namespace {
using task::Ending;
using task::Outcome;

template <class E>
task::Caught caught(E error) {
  try {
    throw error;
  } catch (...) {
    return task::describe_current_exception();
  }
}

TEST(Failure, is_described_by_type_and_message) {
  EXPECT_EQ(caught(std::out_of_range("far")).type, "std::out_of_range");
  EXPECT_EQ(caught(std::out_of_range("far")).message, "far");
  EXPECT_EQ(caught(std::string("text")).message, "text");
  EXPECT_EQ(caught(static_cast<const char*>("literal")).message, "literal");
  EXPECT_EQ(caught(1.5).type, "double");
  EXPECT_EQ(caught(1.5).message, "(it is no std::exception and carries no message)");
}

Outcome failed(Ending ending, const std::string& type, const std::string& message) {
  Outcome outcome;
  outcome.ending = ending;
  outcome.type = type;
  outcome.message = message;
  outcome.execution = {2, 5, 0, 0, 0};
  return outcome;
}

template <class E>
std::string thrown(const Outcome& outcome) {
  try {
    task::rethrow(outcome, 17, "node7");
  } catch (const E& error) {
    EXPECT_EQ(typeid(error), typeid(E));
    const TaskInfo& info = error;
    EXPECT_EQ(info.task, 17u);
    EXPECT_EQ(info.attempt, 2);
    EXPECT_EQ(info.worker, 5);
    EXPECT_EQ(info.host, "node7");
    EXPECT_EQ(info.type, outcome.type);
    const bool cancelled = outcome.ending == Ending::cancelled;
    EXPECT_EQ(info.message, (cancelled ? "cancelled before it ended; before: " : "") + outcome.message);
    return error.what();
  }
}

TEST(Failure, is_thrown_as_what_it_stands_for) {
  EXPECT_EQ(thrown<Thrown<std::logic_error>>(failed(Ending::thrown, "std::logic_error", "no")), "no");
  EXPECT_EQ(thrown<TaskError>(failed(Ending::thrown, "mine::Error", "words")),
            "task 17 (attempt 2, worker 5 on node7): mine::Error: words");
  EXPECT_EQ(thrown<WorkerLost>(failed(Ending::worker_lost, "", "it died")),
            "task 17 (attempt 2, worker 5 on node7): it died");
  EXPECT_EQ(thrown<ExecutorBroken>(failed(Ending::broken, "", "no workers")),
            "task 17 (attempt 2, worker 5 on node7): no workers");
  EXPECT_EQ(thrown<TaskCancelled>(failed(Ending::cancelled, "", "taken back")),
            "task 17 (attempt 2, worker 5 on node7): cancelled before it ended; before: taken back");
  EXPECT_EQ(thrown<TaskCancelled>(failed(Ending::drained, "", "ending")),
            "task 17 (attempt 2, worker 5 on node7): ending");
}

TEST(Failure, says_where_it_was_and_nothing_it_does_not_know) {
  Outcome outcome = failed(Ending::broken, "", "no workers");
  outcome.execution = {};
  try {
    task::rethrow(outcome, 3, "node7");
  } catch (const ExecutorBroken& error) {
    EXPECT_STREQ(error.what(), "task 3: no workers");
  }
  outcome.execution = {1, 2, 4, 0, 0};
  try {
    task::rethrow(outcome, 3, "node7");
  } catch (const ExecutorBroken& error) {
    EXPECT_STREQ(error.what(), "task 3 (attempt 1, worker 2 of rank 4 on node7): no workers");
  }
}

TEST(Failure, travels_as_bytes) {
  Outcome outcome;
  task::unpack_failure(task::pack_failure("a::Type", "a message"), outcome);
  EXPECT_EQ(outcome.type, "a::Type");
  EXPECT_EQ(outcome.message, "a message");
  EXPECT_THROW(task::unpack_failure(bytes_of_text("junk"), outcome), Error);
  EXPECT_THROW(task::unpack_failure({}, outcome), Error);
}

TEST(Failure, of_an_outcome_on_its_way_between_agents_loses_nothing) {
  const Outcome outcome = failed(Ending::worker_lost, "a", "b");
  const Outcome back = wire::from_bytes<Outcome>(wire::to_bytes(outcome));
  EXPECT_EQ(back.ending, outcome.ending);
  EXPECT_EQ(back.type, outcome.type);
  EXPECT_EQ(back.message, outcome.message);
  EXPECT_EQ(back.execution.worker, 5u);
  EXPECT_EQ(back.execution.attempt, 2u);
}

template <class E>
Outcome thrown_outcome(E error) {
  Outcome outcome = failed(Ending::thrown, "", "");
  try {
    throw error;
  } catch (...) {
    task::Caught caught = task::describe_current_exception();
    outcome.detail = task::detail_of_current_exception(std::move(caught.state));
    outcome.type = caught.type;
    outcome.message = caught.message;
  }
  return outcome;
}

TEST(Failure, with_a_damaged_detail_is_thrown_as_something_that_carries_its_words) {
  const Outcome whole = thrown_outcome(std::system_error(2, std::generic_category(), "words"));
  thrown<Thrown<std::system_error>>(whole);
  for (std::size_t size = 0; size < whole.detail.size(); ++size) {
    Outcome cut = whole;
    cut.detail.resize(size);
    EXPECT_NE(thrown<TaskError>(cut).find("words: No such file or directory"), std::string::npos) << size;
  }
  for (std::size_t at = 0; at < whole.detail.size(); ++at) {
    Outcome changed = whole;
    changed.detail[at] ^= std::byte{0x41};
    EXPECT_THROW(task::rethrow(changed, 17, "node7"), std::runtime_error) << at;
  }
}

TEST(Failure, of_a_hostile_worker_has_a_bounded_chain) {
  Outcome outcome = failed(Ending::thrown, "std::logic_error", "no");
  task::ThrownDetail detail;
  detail.causes.resize(200'000, {"std::logic_error", "no"});
  outcome.detail = wire::to_bytes(detail);
  EXPECT_EQ(task::info_of(outcome, 1, "").causes.size(), task::most_causes);
  EXPECT_THROW(task::rethrow(outcome, 1, ""), std::logic_error);
}

struct Twin : std::runtime_error {
  using std::runtime_error::runtime_error;
};
ACRE_EXCEPTION(Twin)
struct Single : std::runtime_error {
  using std::runtime_error::runtime_error;
};
ACRE_EXCEPTION(Single)
ACRE_EXCEPTION(Single)

struct Picky : std::runtime_error {
  explicit Picky(const std::string& words) : std::runtime_error(words) {
    if (words != "good") throw std::invalid_argument("not good");
  }
};
ACRE_EXCEPTION(Picky)

TEST(Failure, of_a_users_type_is_thrown_as_it_unless_it_cannot_be_told_which) {
  thrown<Thrown<Single>>(thrown_outcome(Single("one")));
  thrown<TaskError>(thrown_outcome(Twin("one of two")));
  thrown<TaskError>(twin_of_another_file());
  thrown<Thrown<Picky>>(thrown_outcome(Picky("good")));
  thrown<TaskError>(failed(Ending::thrown, task::type_name(typeid(Picky)), "bad"));
}

}  // namespace
}  // namespace acre::test

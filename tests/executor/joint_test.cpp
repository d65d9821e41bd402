// What is made of many values at once is made by one call, whatever that holds.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include <acre/executor/joint.hpp>
#include <acre/executor/task_row.hpp>

namespace acre::test {
namespace {

/// Counts how often it is copied.
struct Copied {
  explicit Copied(int& n) : copies(&n) {}
  Copied(const Copied& other) : copies(other.copies) { ++*copies; }
  Copied(Copied&&) = default;
  Copied& operator=(const Copied&) = delete;
  Copied& operator=(Copied&&) = delete;
  ~Copied() = default;
  int* copies;
};

TEST(Joint, keeps_its_call_once_for_all_states) {
  const auto engine = std::make_shared<executor::Engine>(executor::EngineOptions{});
  constexpr std::uint32_t tasks = 1000;
  const auto row = executor::TaskRowOf<void>::make(engine, 0, tasks);
  std::vector<executor::StateHandle> states;
  while (!row->full()) states.push_back(row->add());
  int copies = 0;
  executor::Joint(states, executor::Enough::all).on_enough([held = Copied(copies)](std::size_t) {});
  EXPECT_LE(copies, 10);
  for (std::uint32_t place = 0; place < tasks; ++place) row->complete(place, task::Outcome{});
  for (const auto& state : states) EXPECT_TRUE(state->done());
  EXPECT_LE(copies, 10);
  engine->shutdown(true);
}

}  // namespace
}  // namespace acre::test

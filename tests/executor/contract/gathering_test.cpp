// Tasks that are submitted one after the other while their worker is busy: they are dealt together, and each
// is as if it had come alone.
#include <csignal>
#include <stdexcept>
#include <vector>

#include "executor/contract/contract.hpp"

namespace acre::test {
namespace {

struct Trace {
  std::uint64_t item = 0, index = 0, bits = 0;
  std::int64_t at_ns = 0;
};
ACRE_RECORD(Trace, item, index, bits, at_ns)

int block() {
  shared(1).add();
  shared(0).await(1);
  return 0;
}
Trace trace(Context& context, std::uint64_t item) {
  return {item, context.index(), context.random().bits(), now().ns};
}
std::uint64_t count(std::uint64_t item) {
  shared(2).add();
  return item;
}
std::uint64_t refused(std::uint64_t item) {
  if (item % 5 == 2) throw std::range_error(std::to_string(item));
  return item;
}
std::uint64_t deadly(Context& context, std::uint64_t item) {
  shared(2).add();
  if (item == 20 && context.attempt() == 1) std::raise(SIGKILL);
  return item;
}

// The only worker is held up, so that what is submitted waits.
class Gathered : public Contract {
 protected:
  explicit Gathered(int retries = 0) : executor_(open({.workers = 1, .retries = retries})) {
    if (GetParam() == StartMethod::serial) shared(0).set(1);
    executor_.submit<block>();
    shared(1).await(1);
  }
  template <auto F>
  auto submit(std::uint64_t number) {
    std::vector<decltype(executor_.submit<F>(number))> futures;
    for (std::uint64_t i = 0; i < number; ++i) futures.push_back(executor_.submit<F>(i));
    return futures;
  }
  static void go() { shared(0).set(1); }

  Executor executor_;
};
class GatheredBeside : public Gathered {
 protected:
  ~GatheredBeside() override { go(); }
};
class GatheredOfProcesses : public Gathered {
 protected:
  GatheredOfProcesses() : Gathered(1) {}
  ~GatheredOfProcesses() override { go(); }
};
INSTANTIATE_TEST_SUITE_P(Contract, Gathered, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, GatheredBeside, beside, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, GatheredOfProcesses, processes, method_name);

TEST_P(Gathered, tasks_have_their_own_results_indices_and_random_streams_and_run_in_order) {
  const auto futures = submit<trace>(100);
  go();
  Executor serial = session().executor({.start = StartMethod::serial});
  serial.submit<block>();
  std::int64_t before_ns = 0;
  for (std::uint64_t i = 0; i < futures.size(); ++i) {
    const Trace expected = serial.submit<trace>(i).get(), seen = futures[i].get();
    EXPECT_EQ(seen.item, i);
    EXPECT_EQ(seen.index, i + 1);
    EXPECT_EQ(futures[i].index(), i + 1);
    EXPECT_EQ(seen.bits, expected.bits);
    EXPECT_LE(before_ns, seen.at_ns);
    before_ns = seen.at_ns;
  }
}

TEST_P(Gathered, of_several_functions_in_turn) {
  std::vector<Future<std::uint64_t>> values;
  std::vector<Future<Trace>> traces;
  for (std::uint64_t i = 0; i < 50; ++i) {
    values.push_back(executor_.submit<refused>(5 * i));
    traces.push_back(executor_.submit<trace>(i));
  }
  go();
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(values[i].get(), 5 * i);
    EXPECT_EQ(traces[i].get().item, i);
  }
}

TEST_P(Gathered, the_failure_of_one_is_its_own) {
  const auto futures = submit<refused>(80);
  go();
  for (std::uint64_t i = 0; i < futures.size(); ++i) {
    if (i % 5 == 2) {
      EXPECT_THROW(futures[i].get(), Thrown<std::range_error>);
    } else {
      EXPECT_EQ(futures[i].get(), i);
    }
  }
}

TEST_P(GatheredBeside, one_is_cancelled_alone) {
  auto futures = submit<count>(100);
  const auto taken_back = [](std::uint64_t i) { return i % 7 == 3 || i == 0 || i == 99; };
  for (std::uint64_t i = 0; i < futures.size(); ++i) {
    if (!taken_back(i)) continue;
    EXPECT_TRUE(futures[i].cancel()) << i;
    EXPECT_TRUE(futures[i].cancelled()) << i;
  }
  go();
  for (std::uint64_t i = 0; i < futures.size(); ++i) {
    if (taken_back(i)) {
      EXPECT_THROW(futures[i].get(), TaskCancelled) << i;
    } else {
      EXPECT_EQ(futures[i].get(), i);
    }
  }
}

TEST_P(GatheredBeside, they_start_though_nobody_waits) {
  const auto futures = submit<count>(45);
  go();
  shared(2).await(45);
}

TEST_P(GatheredBeside, they_are_all_counted) {
  const auto futures = submit<count>(45);
  const Statistics seen = executor_.statistics();
  EXPECT_EQ(seen.pending + seen.held + seen.running, 46u);
}

TEST_P(GatheredBeside, they_end_with_their_executor) {
  const auto futures = submit<count>(45);
  go();
  executor_.shutdown();
  for (std::uint64_t i = 0; i < futures.size(); ++i) EXPECT_EQ(futures[i].get(), i);
}

TEST_P(GatheredOfProcesses, the_death_of_one_costs_only_its_own_attempt) {
  const auto futures = submit<deadly>(40);
  go();
  for (std::uint64_t i = 0; i < futures.size(); ++i) EXPECT_EQ(futures[i].get(), i);
  EXPECT_EQ(shared(2).get(), 41u);
  EXPECT_EQ(executor_.statistics().retried, 1u);
}

}  // namespace
}  // namespace acre::test

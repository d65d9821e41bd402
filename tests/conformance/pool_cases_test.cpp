// The cases of multiprocessing.Pool.
#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include <acre/session/pool.hpp>

#include "conformance/conformance.hpp"
#include "executor/ranges.hpp"

namespace acre::test {
namespace {

/// A pool of the backend under test.
class PoolCases : public Conformance {
 protected:
  ~PoolCases() override { shared(gate).set(1); }
  static ExecutorOptions of(ExecutorOptions options) {
    options.start = GetParam();
    if (serial()) options.workers = 1;
    return options;
  }
  Pool pool{session(), of({.workers = 4})};
};
using PoolCasesBeside = PoolCases;
using PoolCasesOfProcesses = PoolCases;
INSTANTIATE_TEST_SUITE_P(Conformance, PoolCases, everywhere, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, PoolCasesBeside, beside, backend);
INSTANTIATE_TEST_SUITE_P(Conformance, PoolCasesOfProcesses, in_processes, backend);

std::vector<int> squares(int end) {
  std::vector<int> all;
  for (int i = 0; i < end; ++i) all.push_back(i * i);
  return all;
}
std::vector<std::pair<int, int>> falling_pairs(int end) {
  std::vector<std::pair<int, int>> all;
  for (int i = 0; i < end; ++i) all.emplace_back(i, end - 1 - i);
  return all;
}
std::vector<int> products(int end) {
  std::vector<int> all;
  for (int i = 0; i < end; ++i) all.push_back(i * (end - 1 - i));
  return all;
}

struct SayWhen : std::runtime_error {
  SayWhen() : std::runtime_error("when") {}
};

// 0, 1, … below `end`; saying "when" takes the place of item `when`.
struct SayingWhen {
  struct iterator {
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    int at, when;
    int operator*() const {
      if (at == when) throw SayWhen();
      return at;
    }
    iterator& operator++() { return ++at, *this; }
    void operator++(int) { ++at; }
    bool operator==(int end) const { return at == end; }
  };
  int last, when;
  iterator begin() const { return {0, when}; }
  int end() const { return last; }
};

TEST_P(PoolCases, apply) {
  EXPECT_EQ(pool.apply<square>(5), 25);
  EXPECT_EQ(pool.apply<square>(3), 9);
}

TEST_P(PoolCases, map) {
  EXPECT_EQ(pool.map<square>(upto(10)), squares(10));
  EXPECT_EQ(pool.map<square>(upto(100), 20), squares(100));
}

TEST_P(PoolCases, starmap) {
  EXPECT_EQ(pool.starmap<mul>(falling_pairs(10)), products(10));
  EXPECT_EQ(pool.starmap<mul>(falling_pairs(100), 20), products(100));
}

TEST_P(PoolCases, starmap_async) {
  EXPECT_EQ(pool.starmap_async<mul>(falling_pairs(100)).get(), products(100));
}

TEST_P(PoolCases, map_async) { EXPECT_EQ(pool.map_async<square>(upto(10)).get(), squares(10)); }

int to_int(const std::string& text) { return std::stoi(text); }

TEST_P(PoolCases, map_async_callbacks) {
  std::vector<std::vector<int>> values;
  std::vector<std::exception_ptr> errors;
  const PoolCallbacks<std::vector<int>> callbacks{
      .callback = [&](const std::vector<int>& value) { values.push_back(value); },
      .error_callback = [&](const std::exception_ptr& error) { errors.push_back(error); }};
  pool.map_async<to_int>(std::vector<std::string>{"1"}, 0, callbacks).wait();
  EXPECT_EQ(values, (std::vector<std::vector<int>>{{1}}));
  pool.map_async<to_int>(std::vector<std::string>{"a"}, 0, callbacks).wait();
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_THROW(std::rethrow_exception(errors[0]), std::invalid_argument);
}

int taking(const Trap<Where::encoding, What::error>& trap) { return trap.value; }

TEST_P(PoolCases, map_unpicklable) {
  EXPECT_THROW((pool.map<taking>(std::vector<Trap<Where::encoding, What::error>>(10))), std::runtime_error);
  EXPECT_EQ(pool.apply<square>(5), 25);
}

TEST_P(PoolCases, map_chunksize) {
  EXPECT_TRUE(pool.map_async<square>(std::vector<int>{}, 1).get(seconds(20)).empty());
}

TEST_P(PoolCases, map_handle_iterable_exception) {
  EXPECT_THROW(pool.map<square>(SayingWhen{1, 0}, 1), SayWhen);
  EXPECT_THROW(pool.map<square>(SayingWhen{1, 0}, 1), SayWhen) << "again";
  EXPECT_THROW(pool.map<square>(SayingWhen{10, 3}, 1), SayWhen);
}

TEST_P(PoolCasesBeside, async) {
  const auto result = pool.apply_async<held>(7);
  EXPECT_FALSE(result.ready());
  EXPECT_THROW(static_cast<void>(result.successful()), Error);
  shared(gate).set(1);
  EXPECT_EQ(result.get(), 7);
  EXPECT_TRUE(result.ready());
  EXPECT_TRUE(result.successful());
}

TEST_P(PoolCasesBeside, async_timeout) {
  const auto result = pool.apply_async<held>(6);
  EXPECT_THROW(result.get(milliseconds(50)), TimeoutError);
  shared(gate).set(1);
  EXPECT_EQ(result.get(), 6);
}

TEST_P(PoolCases, imap) {
  EXPECT_EQ(list(pool.imap<square>(upto(10))), squares(10));
  EXPECT_EQ(list(pool.imap<square>(upto(1000), 100)), squares(1000));
}

// How many values come before "when" is said.
template <class R>
int before_when(R&& results) {
  int values = 0;
  EXPECT_THROW(
      {
        for (const int value : results) values += value >= 0 ? 1 : 0;
      },
      SayWhen);
  return values;
}

TEST_P(PoolCases, imap_handle_iterable_exception) {
  EXPECT_EQ(before_when(pool.imap<square>(SayingWhen{1, 0}, 1)), 0);
  EXPECT_LE(before_when(pool.imap<square>(SayingWhen{10, 3}, 1)), 3);
  EXPECT_LE(before_when(pool.imap<square>(SayingWhen{20, 7}, 2)), 7);
}

TEST_P(PoolCases, imap_unordered) {
  auto values = list(pool.imap_unordered<square>(upto(1000), 100));
  std::sort(values.begin(), values.end());
  EXPECT_EQ(values, squares(1000));
}

TEST_P(PoolCases, imap_unordered_handle_iterable_exception) {
  EXPECT_EQ(before_when(pool.imap_unordered<square>(SayingWhen{1, 0}, 1)), 0);
  EXPECT_LE(before_when(pool.imap_unordered<square>(SayingWhen{10, 3}, 1)), 3);
}

TEST_P(PoolCases, make_pool) {
  EXPECT_THROW(Pool(session(), {.workers = -1, .start = GetParam()}), Error);
  EXPECT_EQ(Pool(session(), of({.workers = 3})).apply<square>(3), 9);
}

TEST_P(PoolCasesOfProcesses, terminate) {
  const auto result = pool.map_async<held>(std::vector<int>(1000, 1), 1);
  shared(started).await(1);
  const Instant begin = now();
  pool.terminate();
  pool.join();
  EXPECT_LT(now() - begin, seconds(5));
  EXPECT_THROW(result.get(), ExecutorBroken);
}

TEST_P(PoolCases, empty_iterable) {
  const std::vector<int> none;
  EXPECT_TRUE(pool.map<square>(none).empty());
  EXPECT_TRUE(list(pool.imap<square>(none)).empty());
  EXPECT_TRUE(list(pool.imap_unordered<square>(none)).empty());
  EXPECT_TRUE(pool.map_async<square>(none).get().empty());
  pool.close();
  pool.join();
}

TEST_P(PoolCases, context) {
  pool.close();
  pool.join();
  EXPECT_THROW(pool.map_async<square>(upto(10)), Error);
  EXPECT_THROW(pool.apply<square>(1), Error);
  EXPECT_THROW(pool.imap<square>(upto(10)), Error);
}

TEST_P(PoolCases, enter) {
  EXPECT_THROW(pool.join(), Error) << "neither closed nor terminated";
  pool.terminate();
  EXPECT_THROW(pool.apply<square>(1), Error);
  pool.join();
}

TEST_P(PoolCases, wrapped_exception) { EXPECT_THROW(pool.apply<failing>(1), std::runtime_error); }

int large_failure(int x) {
  throw std::invalid_argument(std::string(std::size_t{1} << 20, 'x') + std::to_string(x));
}

TEST_P(PoolCases, map_no_failfast) {
  EXPECT_THROW(pool.map<large_failure>({0, 1}), std::invalid_argument);
  pool.close();
  pool.join();
}

int value_of(const Counted& counted) { return counted.value; }

TEST_P(PoolCases, release_task_refs) {
  EXPECT_EQ(pool.map<value_of>(std::vector<Counted>(10, Counted(3))), std::vector<int>(10, 3));
  pool.close();
  pool.join();
  EXPECT_EQ(shared(living).get(), 0u);
}

TEST_P(PoolCases, async_error_callback) {
  std::exception_ptr error;
  const auto result =
      pool.apply_async_with<failing>({.error_callback = [&](const std::exception_ptr& e) { error = e; }}, 1);
  EXPECT_THROW(result.get(), std::runtime_error);
  ASSERT_NE(error, nullptr);
  EXPECT_THROW(std::rethrow_exception(error), std::runtime_error);
}

Trap<Where::encoding, What::error> giving(int value) { return {value}; }

TEST_P(PoolCases, unpickleable_result) {
  for (int i = 0; i < 20; ++i)
    EXPECT_THROW(static_cast<void>(pool.apply_async<giving>(i).get()), std::runtime_error);
  EXPECT_EQ(pool.apply<square>(4), 16);
}

TEST_P(PoolCasesOfProcesses, pool_worker_lifetime) {
  Pool mortal(session(), of({.workers = 3, .tasks_per_worker = 10}));
  std::map<int, int> tasks;
  for (const int worker : mortal.map<process>(upto(100), 1)) ++tasks[worker];
  EXPECT_GE(tasks.size(), 10u);
  for (const auto& [worker, count] : tasks) EXPECT_LE(count, 10);
}

TEST_P(PoolCasesOfProcesses, pool_worker_lifetime_early_close) {
  Pool mortal(session(), of({.workers = 3, .tasks_per_worker = 1}));
  std::vector<AsyncResult<int>> results;
  for (int i = 0; i < 6; ++i) results.push_back(mortal.apply_async<square>(i));
  mortal.close();
  mortal.join();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i * i);
}

TEST_P(PoolCasesOfProcesses, pool_maxtasksperchild_invalid) {
  EXPECT_THROW(Pool(session(), of({.workers = 3, .tasks_per_worker = -1})), Error);
}

}  // namespace
}  // namespace acre::test

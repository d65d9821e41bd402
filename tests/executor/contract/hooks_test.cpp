// Preload and initializer: what they build, for whom, and what is said when they cannot.
#include <pthread.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "executor/contract/contract.hpp"
#include "executor/ranges.hpp"
#include "executor/refusals.hpp"

namespace acre::test {
namespace {

struct Model {
  std::map<std::string, std::vector<double>> table;
  std::shared_ptr<int> anything;
  pid_t builder = 0;
};

Model build(const std::string& name, int length) {
  shared(0).add();
  return {{{name, std::vector<double>(static_cast<std::size_t>(length), 1.5)}},
          std::make_shared<int>(length),
          ::getpid()};
}
double look_up(Preloaded<Model> model, const std::string& name) {
  double sum = 0;
  for (const double value : model->table.at(name)) sum += value;
  return sum;
}
pid_t builder_of(Preloaded<Model> model) { return (*model).builder; }
int is_builder(Preloaded<Model> model) { return model->builder == ::getpid() ? 1 : 0; }

using Hooks = Contract;
using HooksOfProcesses = Contract;
using HooksOfSpawn = Contract;
INSTANTIATE_TEST_SUITE_P(Contract, Hooks, every_method, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, HooksOfProcesses, processes, method_name);
INSTANTIATE_TEST_SUITE_P(Contract, HooksOfSpawn, testing::Values(StartMethod::spawn), method_name);

TEST_P(Hooks, what_the_preload_builds_is_there_for_every_task) {
  Executor executor = open({.workers = 2, .preload = hook<build>("row", 1000)});
  for (const double sum : executor.map<look_up>(std::vector<std::string>(200, "row"))) EXPECT_EQ(sum, 1500);
  EXPECT_THROW(executor.submit<look_up>("column").get(), std::out_of_range);
  if (GetParam() == StartMethod::spawn)
    EXPECT_EQ(executor.submit<is_builder>().get(), 1) << "each worker runs it for itself";
  else
    EXPECT_EQ(shared(0).get(), 1u) << "a preload runs once per node, not once per worker";
}

// Counts initializers, and the tasks of its worker.
struct Counting {
  pid_t thread = 0;
  int tasks = 0;
};
Counting start_counting(int first) {
  shared(1).add();
  return {::gettid(), first};
}
std::pair<pid_t, int> count(PerWorker<Counting> counting, std::uint64_t) {
  EXPECT_EQ(counting->thread, ::gettid());
  return {counting->thread, ++(*counting).tasks};
}

TEST_P(Hooks, what_the_initializer_makes_belongs_to_one_worker) {
  Executor executor = open({.workers = 2, .initializer = hook<start_counting>(100)});
  std::map<pid_t, std::set<int>> seen;
  for (const auto& [thread, tasks] : executor.map<count>(CountUp(500)))
    EXPECT_TRUE(seen[thread].insert(tasks).second) << "counted twice: workers share it";
  std::size_t all = 0;
  for (const auto& [thread, counts] : seen) {
    EXPECT_EQ(*counts.begin(), 101);
    EXPECT_EQ(*counts.rbegin(), 100 + static_cast<int>(counts.size()));
    all += counts.size();
  }
  EXPECT_EQ(all, 500u);
  EXPECT_LE(shared(1).get(), 3u) << "two workers and their spare";
}

int all_of_it(Context& context, Preloaded<Model> model, PerWorker<Counting> counting, int argument) {
  return static_cast<int>(context.index()) + *model->anything + counting->tasks + argument;
}

TEST_P(Hooks, context_preload_and_initializer_go_together) {
  Executor executor = session().executor(
      {.workers = 1, .preload = hook<build>("x", 1000), .initializer = hook<start_counting>(100)});
  EXPECT_EQ(executor.submit<all_of_it>(10).get(), 1110);
}

void prepare(int value) { shared(5).set(static_cast<std::uint32_t>(value)); }
int one(int) { return 1; }

TEST_P(Hooks, may_return_nothing_or_something_that_only_moves) {
  Executor executor = open({.workers = 1,
                            .preload = hook<[] { return std::make_unique<int>(9); }>(),
                            .initializer = hook<prepare>(17)});
  const auto value = [](Preloaded<std::unique_ptr<int>> owned) { return **owned; };
  EXPECT_EQ(executor.submit(value).get(), 9);
  EXPECT_EQ(shared(5).get(), 17u);
}

template <class Submit>
void expect_refusal(const std::string& words, Submit submit) {
  try {
    submit();
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), words);
  }
}

TEST_P(Hooks, that_are_missing_are_refused_when_tasks_are_submitted) {
  Executor without = open({.workers = 1});
  expect_refusal("the task takes what the preload returned, but the executor has no preload",
                 [&] { without.submit<builder_of>(); });
  expect_refusal("the task takes what the initializer returned, but the executor has no initializer",
                 [&] { without.map<count>(CountUp(3)); });
  Executor other = open({.workers = 1, .preload = hook<start_counting>(1)});
  expect_refusal(
      "the task takes a acre::test::(anonymous namespace)::Model from the preload, which returned a "
      "acre::test::(anonymous namespace)::Counting",
      [&] { other.submit<builder_of>(); });
  EXPECT_EQ(without.submit<one>(1).get(), 1) << "a refused task costs nothing";
}

Model fail_to_build(const std::string& reason) { throw std::runtime_error("no model: " + reason); }
Counting fail_to_start() { throw std::out_of_range("no device left"); }

TEST_P(Hooks, a_failing_preload_reaches_every_future_in_its_own_words) {
  Executor executor = open({.workers = 2, .preload = hook<fail_to_build>("disk on fire")});
  expect_broken(executor, "the preload failed: std::runtime_error: no model: disk on fire");
}

TEST_P(Hooks, a_failing_initializer_reaches_every_future_in_its_own_words) {
  Executor executor = open({.workers = 2, .initializer = hook<fail_to_start>()});
  expect_broken(executor, "the initializer failed: std::out_of_range: no device left");
}

void crash() { ::abort(); }

TEST_P(HooksOfProcesses, an_initializer_that_kills_its_worker_fails_the_executor) {
  Executor executor = open({.workers = 1, .initializer = hook<crash>()});
  expect_broken(executor,
                "workers die before they can take tasks; the last one was killed by SIGABRT (Aborted)");
}

void leave_a_thread() {
  std::thread([] { ::pause(); }).detach();
}

TEST_P(HooksOfSpawn, may_leave_threads_running) {
  Executor executor = open({.workers = 1, .preload = hook<leave_a_thread>()});
  EXPECT_EQ(executor.submit<one>(1).get(), 1);
}

Model build_with_threads(int) {
  Model model;
  std::thread helper([&] { model.table["x"] = {1, 2}; });
  helper.join();
  return model;
}

TEST_P(Hooks, a_preload_may_use_threads_that_it_joins) {
  Executor executor = open({.workers = 1, .preload = hook<build_with_threads>(1)});
  EXPECT_EQ(executor.submit<look_up>("x").get(), 3);
}

TEST_P(Hooks, executors_have_preloads_of_their_own) {
  Executor a = open({.workers = 1, .preload = hook<build>("a", 1)});
  Executor b = open({.workers = 1, .preload = hook<build>("b", 2)});
  EXPECT_EQ(b.submit<look_up>("b").get(), 3);
  EXPECT_EQ(a.submit<look_up>("a").get(), 1.5);
  EXPECT_THROW(a.submit<look_up>("b").get(), std::out_of_range);
}

}  // namespace
}  // namespace acre::test

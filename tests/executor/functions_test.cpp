// Which function a worker runs: never another one of the same name, wherever it lives.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <acre/task/function.hpp>

#include "executor/library.hpp"
#include "executor/same_name.hpp"

namespace acre::test {
namespace {

TEST(Functions, static_ones_of_one_name_in_two_files_are_told_apart) {
  Executor executor = session().executor({.workers = 1});
  EXPECT_EQ(submit_same_name_here(executor).get(), 11);
  EXPECT_EQ(submit_same_name_there(executor).get(), 12);
}

TEST(Functions, lambdas_are_told_apart) {
  Executor executor = session().executor({.workers = 1});
  EXPECT_EQ(submit_lambda_here(executor).get(), 101);
  EXPECT_EQ(submit_lambda_there(executor).get(), 102);
  const auto first = [](int x) { return x + 1; };
  const auto second = [](int x) { return x + 2; };
  EXPECT_EQ(executor.submit(first, 0).get() + 10 * executor.submit(second, 0).get(), 21);
}

TEST(Functions, in_a_linked_shared_library_are_tasks) {
  Executor executor = session().executor({.workers = 1});
  EXPECT_EQ(executor.submit<library_function>(1).get(), 1001);
  EXPECT_EQ(submit_from_library(executor).get(), 2001);
  int sum = 0;
  for (const int value : executor.map<library_function>({1, 2, 3})) sum += value;
  EXPECT_EQ(sum, 3006);
}

TEST(Functions, in_a_library_loaded_later_are_refused_in_words) {
  Executor executor = session().executor({.workers = 1});
  void* plugin = ::dlopen(ACRE_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << ::dlerror();
  using Try = int (*)(Executor&, std::string&);
  const auto try_from_plugin_there = reinterpret_cast<Try>(::dlsym(plugin, "try_from_plugin"));
  ASSERT_NE(try_from_plugin_there, nullptr);
  std::string words;
  EXPECT_EQ(try_from_plugin_there(executor, words), 1);
  EXPECT_EQ(
      words,
      "a task function lives in a library that was loaded after acre::run began: link it to the program "
      "instead");
  EXPECT_EQ(executor.submit<library_function>(1).get(), 1001);
}

}  // namespace
}  // namespace acre::test

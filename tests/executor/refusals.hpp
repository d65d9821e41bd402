// What executors refuse, and how they fail as a whole: the same expectations in several suites.
#pragma once

#include <gtest/gtest.h>

#include <acre/acre.hpp>
#include <string>
#include <vector>

namespace acre::test {

/// Expects `wrong()` to throw acre::Error with just this sentence.
template <class Wrong>
void expect_refused(const Wrong& wrong, const std::string& sentence) {
  try {
    wrong();
    ADD_FAILURE() << "it was taken; wanted: " << sentence;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), sentence);
  }
}

inline int one_of_many(int) { return 1; }

/// Expects every task of the executor to fail with words that begin so and end with the place.
inline void expect_broken(Executor& executor, const std::string& words) {
  std::vector<Future<int>> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(executor.submit<one_of_many>(i));
  for (const auto& future : futures) {
    try {
      future.get();
      ADD_FAILURE() << "it ran";
    } catch (const ExecutorBroken& error) {
      EXPECT_TRUE(error.message.starts_with(words)) << error.message;
      EXPECT_NE(error.message.find(" (on host "), std::string::npos) << error.message;
      EXPECT_TRUE(error.message.ends_with(", rank 0)")) << error.message;
    }
  }
  EXPECT_THROW(executor.submit<one_of_many>(1).get(), ExecutorBroken) << "also later";
  EXPECT_THROW(executor.map<one_of_many>({1, 2, 3}).begin(), ExecutorBroken);
}

}  // namespace acre::test

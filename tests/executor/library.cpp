#include "executor/library.hpp"

namespace {
int hidden_function(int x) { return x + 2000; }
}  // namespace

int acre::test::library_function(int x) { return x + 1000; }

acre::Future<int> acre::test::submit_from_library(Executor& executor) {
  return executor.submit<hidden_function>(1);
}

extern "C" int try_from_plugin(acre::Executor& executor, std::string& words) {
  try {
    executor.submit<hidden_function>(1).get();
    return 0;
  } catch (const acre::Error& error) {
    words = error.what();
    return 1;
  }
}

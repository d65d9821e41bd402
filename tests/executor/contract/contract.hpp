// One contract, whatever the workers are: each test of this folder runs for every start method that can keep
// it.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {

/// Opens executors whose workers are started in the way that the test runs for; the counters are zero.
class Contract : public testing::TestWithParam<StartMethod> {
 protected:
  Contract() { reset_shared(); }
  /// With these options but for `start`; serial executors have one worker.
  static Executor open(ExecutorOptions options = {}) {
    options.start = GetParam();
    if (options.start == StartMethod::serial) options.workers = 1;
    return session().executor(options);
  }
};

inline const auto every_method =
    testing::Values(StartMethod::fork, StartMethod::spawn, StartMethod::threads, StartMethod::serial);
/// Those whose tasks run beside the program.
inline const auto beside = testing::Values(StartMethod::fork, StartMethod::spawn, StartMethod::threads);
/// Those whose workers can die, and be ended.
inline const auto processes = testing::Values(StartMethod::fork, StartMethod::spawn);

inline std::string method_name(const testing::TestParamInfo<StartMethod>& info) {
  constexpr std::array<const char*, 4> names{"fork", "spawn", "threads", "serial"};
  return names.at(static_cast<std::size_t>(info.param));
}

}  // namespace acre::test

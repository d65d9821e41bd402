// What the cases of all suites share: executors of the backend under test, tasks that others can hold back,
// and values that do something when they become bytes or a value again.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <list>
#include <string>
#include <vector>

#include "support/session.hpp"
#include "support/shared.hpp"

namespace acre::test {
using std::chrono::milliseconds;
using std::chrono::seconds;

// What the shared counters are for; those from `first_free` on are the cases' own.
inline constexpr std::size_t gate = 0, started = 1, living = 2, called = 3, first_free = 4;

/// Runs for one start method; the counters are zero, and every gate opens before the executors end.
class Conformance : public testing::TestWithParam<StartMethod> {
 protected:
  Conformance() { reset_shared(); }
  ~Conformance() override { shared(gate).set(1); }

  static bool serial() { return GetParam() == StartMethod::serial; }
  static bool processes() { return has_processes(GetParam()); }
  /// So many workers, on each node, of an executor that lives as long as the test.
  Executor& open(int workers = 2) { return open(ExecutorOptions{.workers = workers}); }
  Executor& open(ExecutorOptions options) { return executors_.emplace_back(make(options)); }
  static Executor make(ExecutorOptions options) {
    options.start = GetParam();
    if (serial()) options.workers = 1;
    return session().executor(options);
  }
  /// Every worker of all nodes runs a task that ends when the gate opens, so that nothing else can start.
  static std::vector<Future<int>> occupy(Executor& executor);

 private:
  std::list<Executor> executors_;
};

inline const auto everywhere =
    testing::Values(StartMethod::serial, StartMethod::threads, StartMethod::fork, StartMethod::spawn);
/// Where tasks run beside the program.
inline const auto beside = testing::Values(StartMethod::threads, StartMethod::fork, StartMethod::spawn);
/// Where workers are processes, which can die.
inline const auto in_processes = testing::Values(StartMethod::fork, StartMethod::spawn);

inline std::string backend(const testing::TestParamInfo<StartMethod>& info) {
  constexpr std::array<const char*, 4> names{"fork", "spawn", "threads", "serial"};
  return names.at(static_cast<std::size_t>(info.param));
}

inline int mul(int x, int y) { return x * y; }
inline int square(int x) { return x * x; }
inline int power(int base, int exponent) {
  int value = 1;
  for (int i = 0; i < exponent; ++i) value *= base;
  return value;
}
inline std::pair<int, int> divided(int x, int y) {
  if (y == 0) throw std::domain_error("division by zero");
  return {x / y, x % y};
}
inline int absolute(int x) { return x < 0 ? -x : x; }
inline int echo(int x) { return x; }
inline int failing(int x) { throw std::runtime_error("this is an exception: " + std::to_string(x)); }
inline int process(int) { return ::getpid(); }
/// Starts, and ends with its argument once the gate is open.
inline int held(int x) {
  shared(started).add();
  shared(gate).await(1);
  return x;
}
/// The same with a failure.
inline int held_and_failing(int x) { return failing(held(x)); }

inline std::vector<Future<int>> Conformance::occupy(Executor& executor) {
  executor.bootup();
  std::vector<Future<int>> holding;
  const std::uint32_t workers = executor.workers(), before = shared(started).get();
  for (std::uint32_t i = 0; i < workers; ++i) holding.push_back(executor.submit<held>(static_cast<int>(i)));
  shared(started).await(before + workers);
  return holding;
}

/// Cancels what has not started. On another node that is known once the node has answered.
inline bool take_back(Future<int>& future) {
  if (future.cancel()) return true;
  return session().nodes() > 1 && future.wait(seconds(20)) && future.cancelled();
}

inline std::vector<int> upto(int end) {
  std::vector<int> numbers;
  for (int i = 0; i < end; ++i) numbers.push_back(i);
  return numbers;
}

template <class R>
auto list(R&& results) {
  std::vector<std::decay_t<decltype(*results.begin())>> values;
  for (auto& value : results) values.push_back(std::move(value));
  return values;
}

/// The exception that a call throws as an E; fails the test if it throws none.
template <class E, class Call>
std::string words_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

enum class Where { encoding, decoding };
enum class What { error, exit, crash, odd };

/// A value that ends badly when it is encoded or decoded.
template <Where where, What what>
struct Trap {
  int value = 0;
};

/// A value whose living objects, in all processes, are counted.
struct Counted {
  explicit Counted(int number = 0) : value(number) { shared(living).add(); }
  Counted(const Counted& other) : value(other.value) { shared(living).add(); }
  Counted& operator=(const Counted&) = default;
  ~Counted() { shared(living).add(~std::uint32_t{0}); }
  int value;
};

[[noreturn]] inline void end_badly(What what) {
  if (what == What::exit) ::_exit(1);
  if (what == What::crash) {
    ::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
  }
  if (what == What::odd) throw 42;
  throw std::runtime_error("an error of the codec");
}

}  // namespace acre::test

template <acre::test::Where where, acre::test::What what>
struct acre::wire::Codec<acre::test::Trap<where, what>> {
  using Value = acre::test::Trap<where, what>;
  static void encode(Writer& writer, const Value& trap) {
    if (where == acre::test::Where::encoding) acre::test::end_badly(what);
    wire::encode(writer, trap.value);
  }
  static Value decode(Reader& reader) {
    const Value trap{wire::decode<int>(reader)};
    if (where == acre::test::Where::decoding) acre::test::end_badly(what);
    return trap;
  }
};

template <>
struct acre::wire::Codec<acre::test::Counted> {
  static void encode(Writer& writer, const acre::test::Counted& counted) {
    wire::encode(writer, counted.value);
  }
  static acre::test::Counted decode(Reader& reader) { return acre::test::Counted(wire::decode<int>(reader)); }
};

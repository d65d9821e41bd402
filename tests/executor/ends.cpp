#include "executor/ends.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "executor/ranges.hpp"

namespace acre::test {
namespace {
const pid_t the_home = ::getpid();

void write_to_null() {
  ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would catch it
  volatile int* volatile null = nullptr;
  *null = 1;
}

// Deeper than any stack; what it returns keeps the compiler from making a loop of it.
int fall(int depth) {
  std::array<volatile char, 4096> page{};
  page[static_cast<std::size_t>(depth) % page.size()] = 1;
  return depth == 0 ? page[0] : fall(depth - 1) + page[1];
}

void overflow_stack() {
  ::signal(SIGSEGV, SIG_DFL);
  fall(1 << 28);
}

void throw_anything() { throw 42; }
void throw_through() noexcept { throw_anything(); }

void end_thread() { ::pthread_exit(nullptr); }
}  // namespace

pid_t home() { return the_home; }

const std::vector<Way>& ways() {
  static const std::vector<Way> all{
      {"exit_0", [] { std::exit(0); }, 0, 0, "exited with status 0"},
      {"exit_3", [] { std::exit(3); }, 0, 3, "exited with status 3"},
      {"underscore_exit", [] { ::_exit(4); }, 0, 4, "exited with status 4"},
      {"quick_exit", [] { std::quick_exit(5); }, 0, 5, "exited with status 5"},
      {"abort", [] { std::abort(); }, SIGABRT, 0, "was killed by SIGABRT (Aborted)"},
      {"null_write", write_to_null, SIGSEGV, 0, "was killed by SIGSEGV (Segmentation fault)"},
      {"stack_overflow", overflow_stack, SIGSEGV, 0, "was killed by SIGSEGV (Segmentation fault)"},
      {"bus_error", [] { ::signal(SIGBUS, SIG_DFL), ::raise(SIGBUS); }, SIGBUS, 0,
       "was killed by SIGBUS (Bus error)"},
      {"kill", [] { ::raise(SIGKILL); }, SIGKILL, 0, "was killed by SIGKILL (Killed)"},
      {"terminate", throw_through, SIGABRT, 0, "was killed by SIGABRT (Aborted)"},
      {"end_of_the_thread", end_thread, SIGABRT, 0, "was killed by SIGABRT (Aborted)"},
      {"stop", [] { ::raise(SIGSTOP); }, SIGKILL, 0,
       "was stopped by a signal, and killed by acre when it did not go on"},
  };
  return all;
}

std::size_t quick_ways() { return ways().size() - 1; }

std::size_t way(const std::string& name) {
  const auto at =
      std::find_if(ways().begin(), ways().end(), [&](const Way& one) { return one.name == name; });
  if (at == ways().end()) std::abort();
  return static_cast<std::size_t>(at - ways().begin());
}

void take_way(std::size_t number) {
  std::fprintf(stderr, "%s\n", farewell);
  ways()[number].go();
}

const char* name_of(When when) {
  constexpr std::array names{"decoding", "running", "encoding", "never"};
  return names[static_cast<std::size_t>(when)];
}

const char* deed_of(When when) {
  constexpr std::array deeds{" while it decoded the arguments", "", " while it encoded the result", ""};
  return deeds[static_cast<std::size_t>(when)];
}

void Fuse::burn(When now) const {
  if (now == when && ::getpid() != home()) take_way(way);
}

Fuse burn(const Fuse& fuse) {
  fuse.burn(When::running);
  return fuse;
}

double wave(std::uint64_t item) {
  double sum = 0;
  for (int i = 1; i <= 20; ++i) sum += std::sin(static_cast<double>(item) * std::numbers::sqrt2 / i) / i;
  return sum;
}

Ran run_wave(Context& context, std::uint64_t item) { return {wave(item), context.attempt()}; }

void expect_waves(Executor& executor, std::uint64_t count) {
  std::uint64_t item = 0;
  for (const Ran& ran : executor.map<run_wave>(CountUp(count))) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(ran.value), std::bit_cast<std::uint64_t>(wave(item))) << item;
    EXPECT_EQ(ran.attempt, 1) << item;
    ++item;
  }
  EXPECT_EQ(item, count);
}

std::string having_written(const std::string& words) {
  return std::string(having_used) + " and written: " + literal(words) + "( \\| [^;]*)?";
}

std::string literal(const std::string& text) {
  std::string quoted;
  for (const char letter : text) {
    if (std::string("().[]+*?{}|^$\\").find(letter) != std::string::npos) quoted += '\\';
    quoted += letter;
  }
  return quoted;
}

}  // namespace acre::test

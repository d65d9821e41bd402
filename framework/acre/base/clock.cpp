// The only file that reads the real clock.
#include <array>
#include <ctime>

#include <acre/base/core_time.hpp>
#include <acre/base/time.hpp>

namespace acre {
namespace {
std::int64_t read(clockid_t clock) noexcept {
  timespec at{};
  clock_gettime(clock, &at);
  return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec;
}
}  // namespace

Instant now() noexcept { return {read(CLOCK_MONOTONIC)}; }
std::int64_t wall_clock_ns() noexcept { return read(CLOCK_REALTIME); }
Duration core_time() noexcept { return Duration(read(CLOCK_THREAD_CPUTIME_ID)); }

std::string utc_text(std::int64_t wall_ns) {
  const std::time_t seconds = wall_ns / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace acre

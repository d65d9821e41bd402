#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include <acre/base/time.hpp>
#include <acre/launch/job_end.hpp>

namespace acre::launch {
namespace {
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t longest_s = 9'000'000'000;  // beyond it (the year 2255) is as good as never

/// The seconds that a text tells, blanks around them aside.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(blanks) + 1));
  std::int64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || stop != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

JobEnd checked(std::int64_t seconds, std::int64_t wall_now_ns, std::string_view source) {
  if (seconds > longest_s) return {};
  if (seconds * second_ns > wall_now_ns) return {seconds * second_ns, {}};
  return {std::nullopt, fmt::format("note: the end of the job by {}, {}, has passed: it is ignored", source,
                                    utc_text(seconds * second_ns))};
}
}  // namespace

JobEnd find_job_end(const Environment& environment, std::int64_t wall_now_ns, const Ask& ask) {
  if (const std::string* text = find(environment, "SLURM_JOB_END_TIME")) {
    if (const auto seconds = seconds_of(*text)) return checked(*seconds, wall_now_ns, "SLURM_JOB_END_TIME");
    return {
        std::nullopt,
        fmt::format("note: SLURM_JOB_END_TIME is \"{}\", not in seconds since 1970: it is ignored", *text)};
  }
  const std::string* job = find(environment, "SLURM_JOB_ID");
  if (job == nullptr || job->empty()) return {};
  // Otherwise squeue would tell the local time, without its zone.
  const auto answer = ask({"squeue", "-h", "-j", *job, "-o", "%e"}, {"SLURM_TIME_FORMAT=%s"});
  const auto seconds = answer ? seconds_of(*answer) : std::nullopt;  // "NONE" and "N/A" are no end
  return seconds ? checked(*seconds, wall_now_ns, "squeue") : JobEnd{};
}

}  // namespace acre::launch

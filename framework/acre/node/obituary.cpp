#include <signal.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include <acre/node/obituary.hpp>
#include <acre/node/process.hpp>

namespace acre::node {
namespace {
constexpr double megabyte = 1e6;
constexpr std::size_t most_words = 400;  // bytes, in a sentence; a Death has more

std::string in_megabytes(std::int64_t bytes) {
  return fmt::format("{:.3g} MB", static_cast<double>(bytes) / megabyte);
}

std::string on_request(const ChildEnd& end, const PoolSetup& setup) {
  if (!WIFSIGNALED(end.status)) return describe_status(end.status) + " when it was asked to end";
  if (WTERMSIG(end.status) != SIGKILL || setup.grace_ns == 0)
    return describe_status(end.status) + ", sent by acre";
  const double grace = static_cast<double>(setup.grace_ns) * 1e-9;
  return fmt::format("{}, sent by acre, as it did not heed SIGTERM for {:.3g} s", describe_status(end.status),
                     grace);
}
}  // namespace

std::string how_it_ended(const ChildEnd& end, const PoolSetup& setup, const std::string& verdict,
                         const std::string& deed) {
  if (!verdict.empty()) return verdict + " and was killed by acre" + deed;
  switch (end.by) {
    case EndedBy::request:
      return on_request(end, setup) + deed;
    case EndedBy::memory:
      return "was killed by acre, as its own memory had grown to " + in_megabytes(end.own_memory_bytes) +
             ", beyond the limit of " + in_megabytes(setup.memory_limit_bytes) + deed;
    case EndedBy::stopped:
      return "was stopped by a signal, and killed by acre when it did not go on" + deed;
    case EndedBy::itself:
      break;
  }
  return describe_status(end.status) + deed;
}

std::string what_it_left(const task::Death& death) {
  const std::string used = ", having used " + in_megabytes(death.peak_memory_bytes);
  if (death.last_words.empty()) return used;
  std::string_view words = death.last_words;
  if (words.size() > most_words) words.remove_prefix(words.size() - most_words);
  std::string line(words.size() < death.last_words.size() ? "…" : "");
  for (const char letter : words) line += letter == '\n' ? " | " : std::string(1, letter);
  return used + " and written: " + line;
}

task::Death death_of(const ChildEnd& end, std::string last_words) {
  task::Death death;
  if (WIFSIGNALED(end.status)) death.signal = WTERMSIG(end.status);
  if (WIFEXITED(end.status)) death.exit_code = WEXITSTATUS(end.status);
  death.peak_memory_bytes = end.peak_memory_bytes;
  death.last_words = std::move(last_words);
  return death;
}

std::string why_replaced(const LeaveNote& note, std::uint32_t worker, const PoolSetup& setup) {
  if (note.why == LeaveNote::Why::channel)
    return fmt::format("worker {} was replaced: a task {}", worker, closed_descriptors);
  if (note.why != LeaveNote::Why::memory || note.tasks == 0) return "";
  const auto growth = (note.own_memory_bytes - note.own_memory_at_first_bytes) / std::int64_t{note.tasks};
  return fmt::format(
      "worker {} was replaced: its own memory has grown to {} of {} allowed in {} tasks, by {} with each: "
      "does "
      "a task keep what it allocates?",
      worker, in_megabytes(note.own_memory_bytes), in_megabytes(setup.memory_limit_bytes), note.tasks,
      in_megabytes(growth));
}

}  // namespace acre::node

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <acre/base/error.hpp>
#include <acre/launch/host.hpp>

namespace acre::launch {
namespace {
/// The unsigned number at the start of `text`, blanks before it skipped.
template <class Number>
std::optional<Number> leading_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  Number value{};
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{}) return std::nullopt;
  return value;
}
}  // namespace

std::optional<std::string> read_text_file(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  std::array<char, 4096> piece{};
  ssize_t got = 0;
  do {
    got = read(descriptor, piece.data(), piece.size());
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  } while (got > 0 || (got < 0 && errno == EINTR));
  close(descriptor);
  if (got < 0) return std::nullopt;
  return text;
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    throw_errno("cannot read the name of this machine (gethostname)");
  return name.data();
}

std::string boot_id() {
  const std::string text = read_text_file("/proc/sys/kernel/random/boot_id").value_or("");
  const std::string id = text.substr(0, text.find('\n'));
  if (id.empty()) throw Error("cannot read /proc/sys/kernel/random/boot_id: is /proc mounted?");
  return id;
}

std::optional<std::uint64_t> parse_start_time(std::string_view stat) {
  // The name is field 2 and ends at the last parenthesis of the line, whatever it holds itself.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::size_t at = name_end;
  for (int field = 3; field <= 22; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  return leading_number<std::uint64_t>(stat.substr(at));
}

std::optional<std::uint64_t> process_start_time(pid_t pid) {
  return parse_start_time(read_text_file("/proc/" + std::to_string(pid) + "/stat").value_or(""));
}

std::optional<int> parse_thread_count(std::string_view status) {
  constexpr std::string_view key = "\nThreads:";
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  return leading_number<int>(status.substr(at + key.size()));
}

int thread_count() {
  const auto count = parse_thread_count(read_text_file("/proc/self/status").value_or(""));
  if (!count) throw Error("cannot read the thread count from /proc/self/status: is /proc mounted?");
  return *count;
}

}  // namespace acre::launch

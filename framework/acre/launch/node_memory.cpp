#include <algorithm>

#include <acre/base/error.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/node_memory.hpp>
#include <acre/launch/slurm_share.hpp>
#include <acre/launch/text.hpp>

namespace acre::launch {
namespace {
std::optional<std::uint64_t> read_limit(const std::filesystem::path& path) {
  const std::string text = read_text_file(path).value_or("");
  const auto bytes = parse_integer(std::string_view(text).substr(0, text.find('\n')));  // "max" is none
  if (!bytes || *bytes < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes);
}
}  // namespace

std::optional<std::uint64_t> parse_memory_total(std::string_view meminfo) {
  constexpr std::string_view key = "MemTotal:";
  while (!meminfo.empty()) {
    std::string_view line = take_until(meminfo, '\n');
    if (!line.starts_with(key)) continue;
    line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
    const auto kibibytes = parse_integer(take_until(line, ' '));
    if (kibibytes && *kibibytes > 0) return static_cast<std::uint64_t>(*kibibytes) * 1024;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> cgroup_memory_bytes(const CgroupTexts& texts) {
  std::optional<std::uint64_t> limit;
  for (const auto& folder : cgroup_folders("memory", texts)) {
    limit = tighter(limit, read_limit(folder / "memory.max"));
    limit = tighter(limit, read_limit(folder / "memory.limit_in_bytes"));
  }
  return limit;
}

std::uint64_t node_memory_bytes(const Environment& environment, const CgroupTexts& texts, int cpus) {
  const auto machine = parse_memory_total(read_text_file("/proc/meminfo").value_or(""));
  const auto limit = tighter(cgroup_memory_bytes(texts), slurm_memory_bytes(environment, cpus));
  const auto bytes = tighter(machine, limit);
  if (!bytes)
    throw Error("cannot read how much memory this machine has from /proc/meminfo: is /proc mounted?");
  return *bytes;
}

}  // namespace acre::launch

#include <acre/launch/slurm_share.hpp>
#include <acre/launch/text.hpp>

namespace acre::launch {
namespace {
/// The largest count in a list such as "16(x2),8": which entry is this node's cannot be told below mpirun.
std::optional<int> largest_count(std::string_view list) {
  std::optional<int> largest;
  while (!list.empty()) {
    std::string_view entry = take_until(list, ',');
    const auto count = parse_integer(take_until(entry, '('));
    if (count && *count > 0 && *count <= 1 << 20 && *count > largest.value_or(0))
      largest = static_cast<int>(*count);
  }
  return largest;
}

/// CPUs of the job on this node. What mpirun starts on other nodes sees the variables of a step of its own,
/// which has one task and may have one CPU: only those of the job are right there.
std::optional<int> cpus_on_node(const Environment& environment) {
  if (!environment.contains("OMPI_COMM_WORLD_RANK"))
    if (const auto here = find_integer(environment, "SLURM_CPUS_ON_NODE", 1)) return here;
  const std::string* of_job = find(environment, "SLURM_JOB_CPUS_PER_NODE");
  return of_job == nullptr ? std::nullopt : largest_count(*of_job);
}

/// What srun takes as --mem; nothing for 0, which is all memory, and for what makes no sense.
std::optional<std::uint64_t> memory_bytes(const Environment& environment, std::string_view name) {
  constexpr std::string_view units = "KMGT";
  constexpr std::int64_t most = std::int64_t{1} << 10;  // of the largest unit: a pebibyte
  const std::string* text = find(environment, name);
  if (text == nullptr || text->empty()) return std::nullopt;
  const std::size_t unit = units.find(text->back());
  const auto value =
      parse_integer(std::string_view(*text).substr(0, text->size() - (unit < units.size() ? 1 : 0)));
  const std::size_t shift = unit < units.size() ? 10 * (unit + 1) : 20;
  if (!value || *value <= 0 || *value > most << (40 - shift)) return std::nullopt;
  return static_cast<std::uint64_t>(*value) << shift;
}
}  // namespace

std::optional<int> slurm_cpus(const Environment& environment) {
  const auto of_task = find_integer(environment, "SLURM_CPUS_PER_TASK", 1);
  return of_task ? of_task : cpus_on_node(environment);
}

std::optional<std::uint64_t> slurm_memory_bytes(const Environment& environment, int cpus) {
  if (const auto of_node = memory_bytes(environment, "SLURM_MEM_PER_NODE")) return of_node;
  const auto of_cpu = memory_bytes(environment, "SLURM_MEM_PER_CPU");
  if (!of_cpu) return std::nullopt;
  return *of_cpu * static_cast<std::uint64_t>(cpus_on_node(environment).value_or(cpus));
}

}  // namespace acre::launch

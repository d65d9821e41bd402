#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/launch/cpus.hpp>
#include <acre/launch/host.hpp>
#include <acre/launch/slurm_share.hpp>
#include <acre/launch/text.hpp>

namespace acre::launch {
namespace {
std::string first_line(const std::filesystem::path& path) {
  const std::string text = read_text_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

std::optional<double> quota_of_folder(const std::filesystem::path& folder) {
  return tighter(
      parse_cpu_max(first_line(folder / "cpu.max")),
      parse_cfs_quota(first_line(folder / "cpu.cfs_quota_us"), first_line(folder / "cpu.cfs_period_us")));
}
}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
  constexpr long most_cpus = 1 << 20;
  std::vector<int> cpus;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view range = take_until(rest, ',');
    const bool single = range.find('-') == std::string_view::npos;
    const std::optional<std::int64_t> first = parse_integer(take_until(range, '-'));
    const std::optional<std::int64_t> last = single ? first : parse_integer(range);
    if (!first || !last || *first < 0 || *last < *first || *last >= most_cpus) {
      throw Error(fmt::format("\"{}\" is not a list of CPUs such as 0-3,8", text));
    }
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  std::ranges::sort(cpus);
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::vector<int> allowed_cpus() {
  for (std::size_t size = 1024;; size *= 2) {
    std::vector<cpu_set_t> mask(size / CPU_SETSIZE);
    const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, mask.data()) != 0) {
      if (errno == EINVAL && size < (std::size_t{1} << 20)) continue;
      throw_errno("cannot read the CPUs this process may run on (sched_getaffinity)");
    }
    std::vector<int> cpus;
    for (std::size_t cpu = 0; cpu < size; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes, mask.data())) cpus.push_back(static_cast<int>(cpu));
    }
    return cpus;
  }
}

std::optional<double> parse_cpu_max(std::string_view cpu_max) {
  std::string_view period = cpu_max;
  const std::string_view quota = take_until(period, ' ');
  return parse_cfs_quota(quota, period);
}

std::optional<double> parse_cfs_quota(std::string_view quota_us, std::string_view period_us) {
  const std::optional<std::int64_t> quota = parse_integer(quota_us);
  const std::optional<std::int64_t> period = parse_integer(period_us);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> cpu_quota(const CgroupTexts& texts) {
  std::optional<double> quota;
  for (const auto& folder : cgroup_folders("cpu", texts)) quota = tighter(quota, quota_of_folder(folder));
  return quota;
}

int default_workers(const Environment& environment, const CpuBudget& budget) {
  int workers = budget.allowed_cpus;
  if (budget.ranks > 1) {
    workers = std::min(workers, budget.ranks);
  } else {
    workers = std::min(workers, slurm_cpus(environment).value_or(workers));
  }
  if (budget.quota_cpus && *budget.quota_cpus < workers)
    workers = static_cast<int>(std::ceil(*budget.quota_cpus));
  return std::max(workers, 1);
}

}  // namespace acre::launch

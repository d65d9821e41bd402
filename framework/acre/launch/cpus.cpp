#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/launch/cpus.hpp>
#include <acre/launch/host.hpp>

namespace acre::launch {
namespace {
/// Takes the text before the next `separator` off the front of `rest`, and the separator with it.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

std::optional<long> parse_integer(std::string_view text) {
  long value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<double> tighter(std::optional<double> a, std::optional<double> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

std::string first_line(const std::filesystem::path& path) {
  const std::string text = read_text_file(path).value_or("");
  return text.substr(0, text.find('\n'));
}

std::optional<double> quota_of_directory(const std::filesystem::path& directory) {
  return tighter(parse_cpu_max(first_line(directory / "cpu.max")),
                 parse_cfs_quota(first_line(directory / "cpu.cfs_quota_us"),
                                 first_line(directory / "cpu.cfs_period_us")));
}

std::optional<double> quota_up_to(const std::filesystem::path& mount, std::string_view cgroup) {
  std::optional<double> quota = quota_of_directory(mount);
  std::filesystem::path directory = mount;
  for (std::string_view rest = cgroup; !rest.empty();) {
    const std::string_view name = take_until(rest, '/');
    if (name.empty()) continue;
    directory /= name;
    quota = tighter(quota, quota_of_directory(directory));
  }
  return quota;
}
}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
  constexpr long most_cpus = 1 << 20;
  std::vector<int> cpus;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view range = take_until(rest, ',');
    const bool single = range.find('-') == std::string_view::npos;
    const std::optional<long> first = parse_integer(take_until(range, '-'));
    const std::optional<long> last = single ? first : parse_integer(range);
    if (!first || !last || *first < 0 || *last < *first || *last >= most_cpus) {
      throw Error(fmt::format("\"{}\" is not a list of CPUs such as 0-3,8", text));
    }
    for (long cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
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
  const std::optional<long> quota = parse_integer(quota_us);
  const std::optional<long> period = parse_integer(period_us);
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<std::string_view> find_cgroup(std::string_view proc_self_cgroup, std::string_view controller) {
  std::string_view rest = proc_self_cgroup;
  while (!rest.empty()) {
    std::string_view path = take_until(rest, '\n');
    take_until(path, ':');
    std::string_view controllers = take_until(path, ':');
    do {
      if (take_until(controllers, ',') == controller) return path;
    } while (!controllers.empty());
  }
  return std::nullopt;
}

std::optional<double> cpu_quota(const std::filesystem::path& root, std::string_view proc_self_cgroup) {
  std::optional<double> quota;
  if (const auto cgroup = find_cgroup(proc_self_cgroup, "")) quota = quota_up_to(root, *cgroup);
  if (const auto cgroup = find_cgroup(proc_self_cgroup, "cpu"))
    quota = tighter(quota, quota_up_to(root / "cpu", *cgroup));
  return quota;
}

std::optional<double> cpu_quota() {
  return cpu_quota("/sys/fs/cgroup", read_text_file("/proc/self/cgroup").value_or(""));
}

int default_workers(const Environment& environment, const CpuBudget& budget) {
  int workers = budget.allowed_cpus;
  if (budget.ranks > 1) {
    workers = std::min(workers, budget.ranks);
  } else {
    workers = std::min(workers, find_integer(environment, "SLURM_CPUS_PER_TASK", 1).value_or(workers));
  }
  if (budget.quota_cpus && *budget.quota_cpus < workers)
    workers = static_cast<int>(std::ceil(*budget.quota_cpus));
  return std::max(workers, 1);
}

}  // namespace acre::launch

#include <unistd.h>

#include <array>
#include <set>
#include <sstream>

#include <acre/launch/host.hpp>
#include <acre/launch/numeric_class.hpp>

namespace acre::launch {
namespace {
// The features by which glibc's libm, Eigen, OpenBLAS and MKL choose kernels.
constexpr std::array<std::string_view, 12> features{"sse2",     "sse4_1",   "avx",     "fma",
                                                    "fma4",     "avx2",     "avx512f", "avx512bw",
                                                    "avx512dq", "avx512vl", "asimd",   "sve"};
}  // namespace

std::string parse_cpu_features(std::string_view cpuinfo) {
  std::set<std::string, std::less<>> present;
  std::istringstream lines{std::string(cpuinfo)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) present.insert(word);
    break;
  }
  std::string text;
  for (const std::string_view feature : features)
    if (present.contains(feature)) text += (text.empty() ? "" : " ") + std::string(feature);
  return text;
}

std::string numeric_class() {
  const auto cache = [](int which) { return std::to_string(::sysconf(which)); };
  return parse_cpu_features(read_text_file("/proc/cpuinfo").value_or("")) + "; caches " +
         cache(_SC_LEVEL1_DCACHE_SIZE) + " " + cache(_SC_LEVEL2_CACHE_SIZE) + " " +
         cache(_SC_LEVEL3_CACHE_SIZE);
}

}  // namespace acre::launch

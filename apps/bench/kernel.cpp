// The pi kernel against the plain loop that everybody would write over Random123.
#include <fmt/format.h>

#include <Random123/philox.h>

#include "commands.hpp"
#include "pi/kernel.hpp"

namespace bench {
namespace {

std::uint64_t plain_hits(std::uint64_t key, std::uint64_t task, std::uint64_t samples) {
  r123::Philox4x32 philox;
  const r123::Philox4x32::key_type k{
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  std::uint64_t hits = 0;
  const auto hit = [](std::uint32_t a, std::uint32_t b) {
    const std::uint64_t x = a >> 1, y = b >> 1;
    return x * x + y * y < std::uint64_t{1} << 62 ? 1u : 0u;
  };
  for (std::uint64_t block = 0; block < samples / 2; ++block) {
    const r123::Philox4x32::ctr_type counter{
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32),
         static_cast<std::uint32_t>(task), static_cast<std::uint32_t>(task >> 32)}};
    const auto words = philox(counter, k);
    hits += hit(words[0], words[1]) + hit(words[2], words[3]);
  }
  return hits;
}
}  // namespace

void kernel(acre::Session&, const Options& options) {
  const auto samples = options.scaled<std::uint64_t>(100'000'000);
  Figure ours("pi kernel, one core", "samples/s"), plain("scalar Random123 Philox, one core", "samples/s");
  Figure ratio("ratio", "x");
  for (int run = 0; run < options.runs; ++run) {
    std::uint64_t a = 0, b = 0;
    const double fast = seconds([&] { a = pi::count_hits(1, static_cast<std::uint64_t>(run), samples); });
    const double slow = seconds([&] { b = plain_hits(1, static_cast<std::uint64_t>(run), samples); });
    if (a != b) throw acre::Error(fmt::format("the kernels disagree: {} and {} hits", a, b));
    ours.add(static_cast<double>(samples) / fast);
    plain.add(static_cast<double>(samples) / slow);
    ratio.add(slow / fast);
  }
  ours.print(options);
  plain.print(options);
  ratio.print(options);
}

}  // namespace bench

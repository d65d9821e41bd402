#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <acre/observe/progress.hpp>

namespace acre::observe {
namespace {
constexpr Duration interval = std::chrono::milliseconds(200);

std::string duration_text(double seconds) {
  const auto whole = std::lround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string bar(double part) {
  constexpr int width = 24;
  const int full = std::clamp(static_cast<int>(part * width), 0, width);
  return "[" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(width - full), '.') + "] ";
}
}  // namespace

std::string progress_line(const std::string& label, const Count& count, Duration elapsed) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = seconds > 0 ? static_cast<double>(count.done - count.recorded) / seconds : 0;
  std::string line = label + " ";
  if (count.total && *count.total > 0)
    line += bar(static_cast<double>(count.done) / static_cast<double>(*count.total));
  line += count.total ? fmt::format("{} of {} tasks", count.done, *count.total)
                      : fmt::format("{} tasks", count.done);
  line += fmt::format(", {:.4g}/s", rate);
  if (count.total && rate > 0 && *count.total >= count.done)
    line += ", " + duration_text(static_cast<double>(*count.total - count.done) / rate) + " left";
  line += fmt::format(", {} worker{}", count.workers, count.workers == 1 ? "" : "s");
  if (count.failed > 0) line += fmt::format(", {} failed", count.failed);
  return line;
}

Progress::Progress(std::string label)
    : label_(std::move(label)), terminal_(::isatty(STDERR_FILENO) == 1), begin_(now()), last_(begin_) {}

Progress::~Progress() {
  if (!shown_) return;
  std::fprintf(stderr, "\r\033[K%s\n", progress_line(label_, count_, now() - begin_).c_str());
}

void Progress::show(const Count& count) {
  count_ = count;
  if (!terminal_) return;
  const Instant at = now();
  if (at - last_ < interval) return;
  last_ = at;
  shown_ = true;
  std::fprintf(stderr, "\r\033[K%s", progress_line(label_, count, at - begin_).c_str());
}

}  // namespace acre::observe

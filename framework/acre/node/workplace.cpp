#include <unistd.h>

#include <algorithm>

#include <acre/node/scratch.hpp>
#include <acre/node/workplace.hpp>
#include <acre/observe/say.hpp>

namespace acre::node {

Workplace::Workplace(Words words, Place place)
    : words_(words), place_(std::move(place)), process_(::getpid()) {}

Workplace::~Workplace() {
  if (has_folder_ && process_ == ::getpid()) remove_scratch(place_.worker);
}

void Workplace::remove_folder() noexcept {
  if (process_ == ::getpid()) remove_scratch(scratch_);
  scratch_.clear();
}

bool Workplace::stop_requested() noexcept {
  if (words_.heeds.load(std::memory_order_relaxed) == 0) words_.heeds.store(1, std::memory_order_relaxed);
  return words_.stop.load(std::memory_order_relaxed) != 0;
}

Duration Workplace::remaining() const noexcept {
  Duration left = Duration::max();
  if (deadline_ != Instant::never()) left = deadline_ - now();
  if (place_.job_end_wall_ns != 0) left = std::min(left, Duration(place_.job_end_wall_ns - wall_clock_ns()));
  return std::max(left, Duration::zero());
}

const std::string& Workplace::scratch() {
  if (!scratch_.empty()) return scratch_;
  make_scratch(place_.run);
  make_scratch(place_.worker);
  has_folder_ = true;
  const std::string folder = place_.worker + "/" + std::to_string(attempts_);
  make_scratch(folder);
  return scratch_ = folder;
}

// In one piece, so that lines of tasks that run at once do not mix.
void Workplace::log(const std::string& text) {
  const std::string prefix = "[task " + std::to_string(index_) + "] ";
  std::string lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end < text.size() || end > at || at == 0) lines += prefix + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  observe::pass_on(lines);
}

}  // namespace acre::node

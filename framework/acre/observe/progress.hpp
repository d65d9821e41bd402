// Progress: a line on the terminal that says how far a map is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <acre/base/time.hpp>

namespace acre::observe {

/// What is known of a map under way.
struct Count {
  std::uint64_t done = 0, failed = 0, recorded = 0;  ///< recorded: of those done, by an earlier run
  std::optional<std::uint64_t> total = {};
  std::uint32_t workers = 0;
};

/// One line of progress, as text: bar (if the total is known), count, rate, time left, workers, failures.
/// Pure.
std::string progress_line(const std::string& label, const Count& count, Duration elapsed);

/// Rewrites one line on stderr while it is a terminal; silent otherwise. One thread at a time; does not
/// throw.
class Progress {
 public:
  explicit Progress(std::string label);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Shows the count, at most five times a second.
  void show(const Count& count);

 private:
  std::string label_;
  bool terminal_, shown_ = false;
  Instant begin_, last_;
  Count count_;
};

}  // namespace acre::observe

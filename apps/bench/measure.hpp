// How everything here is measured: several runs, medians and their spread, as a table or as JSON.
#pragma once

#include <acre/acre.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Options {
  int runs = 5;
  int workers = 0;      ///< on each node; 0: as many as an executor has by default
  int cores = 0;        ///< of all nodes together, for efficiencies; 0: an executor's default, for each node
  int local_cores = 1;  ///< of this node
  double scale = 1;     ///< part of the usual work, for trying out
  std::string system = "acre";  ///< what is measured
  bool json = false, large = false;

  /// So much of a count as `scale` says, at least one.
  template <class Count>
  Count scaled(Count count) const {
    return std::max(static_cast<Count>(static_cast<double>(count) * scale), Count{1});
  }
};

/// Seconds a call takes.
double seconds(const std::function<void()>& call);

/// The runs of one figure; `at` is what it depends on, such as the length of a task, for curves.
class Figure {
 public:
  explicit Figure(std::string name, std::string unit) : name_(std::move(name)), unit_(std::move(unit)) {}
  Figure& at(double value, std::string unit);
  void add(double value) { values_.push_back(value); }
  double median() const;
  double least() const;
  double most() const;
  /// One line: name, median, unit, least, most and number of runs; or the same and all runs as a JSON object.
  void print(const Options& options) const;

 private:
  std::string name_, unit_;
  std::optional<double> at_;
  std::string at_unit_;
  std::vector<double> values_;
};

}  // namespace bench

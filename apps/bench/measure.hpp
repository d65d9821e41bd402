// How everything here is measured: several runs, medians, and ratios against a limit in the same run.
#pragma once

#include <acre/acre.hpp>
#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Options {
  int runs = 5;
  int workers = 2;
  bool large = false;
};

/// What chaos is made of.
struct ChaosOptions {
  std::uint64_t deaths = 10'000, tasks = 1'000'000, seed = 1;
  int workers = 2;
};

/// Seconds a call takes.
double seconds(const std::function<void()>& call);

/// The runs of one figure.
class Figure {
 public:
  explicit Figure(std::string name, std::string unit) : name_(std::move(name)), unit_(std::move(unit)) {}
  void add(double value) { values_.push_back(value); }
  double median() const;
  /// One line: name, median, least and most, unit.
  void print() const;

 private:
  std::string name_, unit_;
  std::vector<double> values_;
};

/// Turns a calibrated loop so many times; what it computes is returned so that it is not optimised away.
std::uint64_t turn(std::uint64_t turns);

/// Turns that take about a microsecond of CPU time here; checked against the thread's CPU clock.
double turns_per_us();

void kernel(const Options& options);
void round_trip(acre::Session& session, const Options& options);
void submit(acre::Session& session, const Options& options);
void map(acre::Session& session, const Options& options);
void efficiency(acre::Session& session, const Options& options);
void startup(acre::Session& session, const Options& options);
void scheduler(const Options& options);
void results(acre::Session& session, const Options& options);
/// Whether nothing was lost, doubled, different or leaked while workers died.
bool chaos(acre::Session& session, const ChaosOptions& options);

}  // namespace bench

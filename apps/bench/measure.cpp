#include "measure.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

double seconds(const std::function<void()>& call) {
  const acre::Instant begin = acre::now();
  call();
  return std::chrono::duration<double>(acre::now() - begin).count();
}

Figure& Figure::at(double value, std::string unit) {
  at_ = value;
  at_unit_ = std::move(unit);
  return *this;
}

double Figure::median() const {
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Figure::least() const { return *std::min_element(values_.begin(), values_.end()); }
double Figure::most() const { return *std::max_element(values_.begin(), values_.end()); }

void Figure::print(const Options& options) const {
  if (!options.json) {
    const std::string title = at_ ? fmt::format("{}, {:g} {}", name_, *at_, at_unit_) : name_;
    fmt::print("{:<44} {:>10.4g} {:<12} ({:.4g} to {:.4g}, {} runs)\n", title, median(), unit_, least(),
               most(), values_.size());
    return;
  }
  std::string all;
  for (const double value : values_) all += fmt::format("{}{:.9g}", all.empty() ? "" : ", ", value);
  const std::string at = at_ ? fmt::format(R"("at": {:g}, "at_unit": "{}", )", *at_, at_unit_) : "";
  fmt::print(R"({{"system": "{}", "figure": "{}", {}"unit": "{}", "median": {:.9g}, )", options.system, name_,
             at, unit_, median());
  fmt::print("\"least\": {:.9g}, \"most\": {:.9g}, \"runs\": {}, \"values\": [{}]}}\n", least(), most(),
             values_.size(), all);
}

}  // namespace bench

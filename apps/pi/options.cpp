#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <limits>

namespace pi {
namespace {

// One sentence on one line; CLI11 would add a hint on a second one.
std::string sentence(const CLI::App*, const CLI::Error& error) {
  return std::string("pi: ") + error.what() + " (pi --help lists the options)\n";
}

// A whole number in a range, whatever CLI11 would make of signs, fractions and overflows.
CLI::Validator whole(std::uint64_t least, std::uint64_t most) {
  return {[least, most](const std::string& text) {
            std::uint64_t value = 0;
            const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool number = fault == std::errc() && end == text.data() + text.size();
            return number && value >= least && value <= most
                       ? std::string()
                       : fmt::format("takes a whole number from {} to {}, not \"{}\"", least, most, text);
          },
          "N"};
}

CLI::Validator count(std::uint64_t most) { return whole(1, most); }
}  // namespace

Parsed parse(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  CLI::App app(
      "Monte Carlo pi: counts random points in a quarter circle, on all cores or under mpirun and srun.",
      "pi");
  app.failure_message(sentence);
  constexpr std::uint64_t most_samples = std::uint64_t{1} << 53;
  app.add_option("--samples", options.samples, "points to throw in all")
      ->check(count(most_samples))
      ->capture_default_str();
  app.add_option("--tasks", options.tasks, "tasks they are split into")
      ->check(count(1'000'000'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "seed of the random streams")
      ->check(whole(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  app.add_option("--workers", options.workers, "workers on each node (default: what the node offers)")
      ->check(count(4096));
  auto* out =
      app.add_option("--out", options.out, "HDF5 file for the results (default: none)")
          ->check([](const std::string& name) { return name.empty() ? "needs the name of a file" : ""; });
  app.add_flag("--resume", options.resume, "go on with the file of an earlier run")->needs(out);
  try {
    app.parse(argc, argv);
    if (options.tasks > options.samples)
      throw CLI::ValidationError("--tasks", std::to_string(options.tasks) + " tasks are more than the " +
                                                std::to_string(options.samples) + " samples to split");
  } catch (const CLI::ParseError& error) {
    parsed.go_on = false;
    parsed.status = app.exit(error) == 0 ? 0 : 2;
  }
  return parsed;
}

}  // namespace pi

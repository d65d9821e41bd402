#include "options.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <thread>

namespace simulate {
namespace {

// One sentence on one line; CLI11 would add a hint on a second one.
std::string sentence(const CLI::App*, const CLI::Error& error) {
  return std::string("acre-simulate: ") + error.what() + " (acre-simulate --help lists the options)\n";
}

bool read(std::string_view text, std::uint64_t& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size();
}

/// "A..B", with A below B.
bool read_range(std::string_view text, Options& options) {
  const std::size_t dots = text.find("..");
  return dots != std::string_view::npos && read(text.substr(0, dots), options.first) &&
         read(text.substr(dots + 2), options.end) && options.first < options.end;
}

std::string refusal(const char* what, const std::string& text) {
  return fmt::format("takes {}, not \"{}\"", what, text);
}

}  // namespace

Parsed parse(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  CLI::App app("Drives acre's scheduler in simulated clusters under a virtual clock and checks all it does.",
               "acre-simulate");
  app.failure_message(sentence);
  auto* what = app.add_option_group("what to do");
  auto* seed = what->add_option("--seed", "run the cluster of this seed and print all that was drawn for it");
  seed->type_name("S")->check([&](const std::string& text) {
    return read(text, options.first) ? std::string() : refusal("a whole number", text);
  });
  what->add_option("--seeds", "run the clusters of the seeds from A on, before B, on all cores")
      ->type_name("A..B")
      ->check([&](const std::string& text) {
        return read_range(text, options) ? std::string() : refusal("two numbers A..B, A below B", text);
      });
  bool all_orders = false;
  what->add_flag("--enumerate", all_orders, "go through every order of events in small cases");
  auto* replay = what->add_option("--replay", options.log, "take the steps of a real run's event log again");
  replay->type_name("FILE");
  bool study = false;
  auto* studied = what->add_flag("--study", study, "tell how well tasks are dealt to up to 16,384 workers");
  what->require_option(1);
  app.add_flag("--trace", options.trace, "print everything that happens under the seed")->needs(seed);
  app.add_flag("--print", options.print, "print each step of the event log")->needs(replay);
  app.add_flag("--large", options.large, "up to 1,048,576 workers: takes half an hour")->needs(studied);
  try {
    app.parse(argc, argv);
    if (seed->count() != 0) options.task = Task::seed;
    if (all_orders) options.task = Task::enumerate;
    if (replay->count() != 0) options.task = Task::replay;
    if (study) options.task = Task::study;
  } catch (const CLI::ParseError& error) {
    parsed.go_on = false;
    parsed.status = app.exit(error) == 0 ? 0 : 2;
  }
  return parsed;
}

}  // namespace simulate

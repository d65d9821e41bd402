#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <acre/base/error.hpp>
#include <acre/launch/settings.hpp>

namespace acre::launch {
namespace {
struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view default_text;
  std::string_view meaning;
  std::variant<std::optional<int> Settings::*, std::optional<std::string> Settings::*> value;
};

constexpr std::array table{
    Row{"ACRE_WORKERS", "positive integer", "one per CPU that Slurm, the CPU mask and the cgroups grant",
        "workers on each node", &Settings::workers},
    Row{"ACRE_RANKS_PER_NODE", "positive integer", "the ranks of each machine are one node",
        "for tests: every so many consecutive MPI ranks pretend to be a node of their own",
        &Settings::ranks_per_node},
    Row{"ACRE_EVENT_LOG", "folder", "none is written",
        "where each scheduler of the run writes its event log, for acre-simulate --replay",
        &Settings::event_log},
};

/// Levenshtein's distance: the fewest letters to insert, delete or replace that make `b` of `a`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string_view nearest_setting(std::string_view name) {
  const auto distance = [name](const Row& row) { return edit_distance(name, row.name); };
  return std::ranges::min(table, {}, distance).name;
}
}  // namespace

Settings parse_settings(const Environment& environment) {
  for (auto entry = environment.lower_bound("ACRE_"); entry != environment.end(); ++entry) {
    if (!entry->first.starts_with("ACRE_")) break;
    if (std::ranges::find(table, entry->first, &Row::name) != table.end()) continue;
    throw Error(fmt::format(
        "the environment variable {} is not a setting of acre: did you mean {}? Correct or unset it",
        entry->first, nearest_setting(entry->first)));
  }
  Settings settings;
  for (const Row& row : table) {
    if (const auto* number = std::get_if<std::optional<int> Settings::*>(&row.value)) {
      settings.** number = find_integer(environment, row.name, 1);
    } else if (const auto entry = environment.find(row.name); entry != environment.end()) {
      if (entry->second.empty())
        throw Error(fmt::format("{} is empty: name a {} or unset it", row.name, row.type));
      settings.*std::get<std::optional<std::string> Settings::*>(row.value) = entry->second;
    }
  }
  return settings;
}

std::string describe_settings(const Settings& settings) {
  std::string text;
  for (const Row& row : table) {
    const std::string now = std::visit(
        [&](const auto member) {
          const auto& value = settings.*member;
          return value ? fmt::format("; now {}, from the environment", *value) : std::string();
        },
        row.value);
    text +=
        fmt::format("{:<20} {}, default: {}: {}{}\n", row.name, row.type, row.default_text, row.meaning, now);
  }
  return text;
}

}  // namespace acre::launch

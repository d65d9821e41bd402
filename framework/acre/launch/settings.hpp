// The settings a user makes by environment variables, all named ACRE_*.
#pragma once

#include <optional>
#include <string>

#include <acre/launch/environment.hpp>

namespace acre::launch {

/// What the user set; describe_settings() says what each one means. Nothing means its default.
struct Settings {
  std::optional<int> workers = {};            ///< ACRE_WORKERS
  std::optional<int> ranks_per_node = {};     ///< ACRE_RANKS_PER_NODE
  std::optional<std::string> event_log = {};  ///< ACRE_EVENT_LOG
};

/// The settings in `environment`. Any thread. Throws acre::Error for a variable ACRE_* that acre does not
/// know, naming its nearest match, and for a value that does not fit, naming variable and value.
Settings parse_settings(const Environment& environment);

/// All settings as a table for help texts: one line each with name, type, default and meaning, and, where
/// `settings` has a value, that value and that it comes from the environment. Any thread.
std::string describe_settings(const Settings& settings = {});

}  // namespace acre::launch

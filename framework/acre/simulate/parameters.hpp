// All that a seed decides about a simulated cluster.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <acre/schedule/policy.hpp>
#include <acre/simulate/draw.hpp>
#include <acre/simulate/message.hpp>
#include <acre/simulate/worker.hpp>

namespace acre::simulate {

/// Kinds of faults are switched on and off as a whole by the seed; a number of 0 means off.
struct Parameters {
  std::uint64_t seed = 0;

  /// @name The tree: `levels` levels of schedulers; the root may have workers of its own beside its agents
  /// @{
  std::uint32_t levels = 1;
  std::uint32_t fan_out = 2;  ///< agents below each scheduler that is not of the lowest level
  std::uint32_t workers = 2;  ///< below each scheduler of the lowest level
  std::uint32_t own_workers = 0;
  /// @}

  /// @name Schedulers: the root's policy, and that of all agents
  /// @{
  schedule::Policy root, agent;
  Worker::Habits habits;
  Duration
      report_interval{};  ///< agents tell what happened after this time, workers what they have kept back
  /// @}

  /// @name Tasks
  /// @{
  std::uint32_t ranges = 1, largest_range = 1;
  Duration submit_over{};  ///< ranges are submitted within this time
  Shape times = Shape::constant;
  Duration tau{};  ///< mean time of a task
  std::uint32_t max_attempts = 1;
  bool priorities = false, hints = false, fixed_chunks = false;
  double timeouts = 0;  ///< share of the ranges that have one
  Duration timeout{};
  double failures = 0, retries = 0;  ///< share of attempts that throw, for good or to be retried
  double killers = 0, hangs = 0;  ///< share of tasks that kill their worker, or hang if they have a timeout
  /// @}

  /// @name Messages
  /// @{
  Shape delays = Shape::constant;
  Duration delay{};
  /// @}

  /// @name Faults, before `calm`
  /// @{
  double slow = 0;  ///< share of workers that are ten times as slow
  std::uint32_t worker_deaths = 0, agent_deaths = 0, leaves = 0, late_joins = 0, cancels = 0;
  double blameless = 0, unborn = 0;  ///< share of deaths that are blameless, of births that fail
  bool new_names = false;            ///< who comes back has a new member number
  bool late_words = false;           ///< the last words of a worker may come after its death is known
  bool drain = false;
  Duration drain_after{}, drain_notice{};
  Duration rebirth{};
  Duration calm{};  ///< when faults stop
  /// @}

  std::uint32_t check_every = 1;  ///< steps between checks of a scheduler by itself
};

/// The parameters of a seed; every one is drawn from it alone.
Parameters draw_parameters(std::uint64_t seed);

/// One line for each parameter, ended by a newline.
std::string words(const Parameters& parameters);

/// @name What happens from outside
/// @{
struct Submit {
  Assignment range;  ///< its chunk means nothing
};
struct Cancel {
  std::uint32_t task = 0;  ///< all of its range
  bool kill = false;
  bool alone = false;  ///< but only this task
};
struct Drain {
  Duration notice{};
};
struct Die {
  std::uint32_t node = 0;
  bool blameless = false;
};
struct Leave {
  std::uint32_t node = 0;
};
struct Join {
  std::uint32_t node = 0;
};
using Happening = std::variant<Submit, Cancel, Drain, Die, Leave, Join>;
struct Scripted {
  Instant at;
  Happening what;
};
/// @}

/// A part of the tree: the root, an agent or a worker; parents come before their children.
struct Place {
  std::uint32_t parent = 0;
  bool worker = false;
};
std::vector<Place> tree_of(const Parameters& parameters);

/// What happens from outside under these parameters, in no order; who joins late is in it with a Join.
std::vector<Scripted> draw_script(const Parameters& parameters, const std::vector<Place>& tree);

}  // namespace acre::simulate

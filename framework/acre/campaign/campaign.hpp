// Campaign: a set of tasks with a result file that can be killed, resumed, verified and repeated.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <string>

#include <acre/campaign/result_file.hpp>
#include <acre/executor/executor.hpp>
#include <acre/wire/columns.hpp>

namespace acre {

/// How a campaign's file is opened.
enum class Open {
  create,           ///< a new one; refuses an existing file
  resume,           ///< an existing one; refuses to start anew
  create_or_resume  ///< whichever it is
};

/// What a campaign is. Name, version and seed are its identity, with its parameters and stages: a file of
/// another identity is refused by name.
struct CampaignOptions {
  std::string name;          ///< part of its identity
  int version = 1;           ///< of the computation: raise it when a change makes old results wrong
  std::uint64_t seed = 0;    ///< of the random streams of its tasks
  Open open = Open::create;  ///< what to do if there is such a file, or none
  bool progress = true;      ///< show progress if stderr is a terminal
};

namespace campaign {

/// What a campaign learns from its session.
struct Surroundings {
  Provenance provenance;
  LockOptions lock;
  std::string build;
};

class Keeper;

}  // namespace campaign

/// A campaign on the file `path`, with its journal `path`.journal and its lock `path`.lock beside it. Local
/// to the root; one thread at a time.
class Campaign {
 public:
  /// Takes the lock. Throws acre::Error if the file cannot be opened this way, or another run holds it.
  Campaign(const std::string& path, const CampaignOptions& options, campaign::Surroundings surroundings);
  /// Takes over the other one's lock and journal.
  Campaign(Campaign&&) noexcept;
  ~Campaign();

  /// A record that is part of the identity; before the first map. Throws acre::Error if it comes later.
  template <class P>
  Campaign& parameters(const P& parameters) {
    static_assert(wire::columnar<P>, "acre: a campaign's parameters are numbers, or a record of numbers.");
    set_parameters(wire::schema_of<P>(), wire::to_bytes(parameters));
    return *this;
  }

  /// F over a range, as Executor::map: results in order. What an earlier run recorded is not run again; each
  /// result that comes is recorded. `stage` names this map and its random streams, so the options name none.
  /// Throws acre::Error if the stage or an input differs from what is recorded.
  template <auto F, std::ranges::input_range R>
  auto map(Executor& executor, const std::string& stage, R&& items, const MapOptions& options = {}) {
    return start_map<F, ResultOf<F>>(executor, stage, std::forward<R>(items), options);
  }
  /// As map(), but yields the failures of tasks instead of throwing them: a range of acre::Outcome. What a
  /// task threw is recorded as results are, and is the same when the campaign is resumed.
  template <auto F, std::ranges::input_range R>
  auto map_outcomes(Executor& executor, const std::string& stage, R&& items, const MapOptions& options = {}) {
    return start_map<F, Outcome<ResultOf<F>>>(executor, stage, std::forward<R>(items), options);
  }

  /// Makes what was recorded durable and writes the result file, whole or not at all. Returns the digest of
  /// /results. Says so on stderr if tasks are left without a record. Blocks; throws acre::Error.
  std::string finish();
  /// Tasks whose outcome an earlier run had recorded, so far.
  std::uint64_t recorded() const;
  /// Whether every map of this campaign has a record of each of its tasks.
  bool complete() const;

 private:
  template <auto F>
  using ResultOf = task::ResultOf<std::decay_t<decltype(F)>>;

  template <auto F, class Yield, class R>
  Results<Yield> start_map(Executor& executor, const std::string& stage, R&& items,
                           const MapOptions& options) {
    static_assert(wire::columnar<ResultOf<F>>,
                  "acre: a campaign records numbers, or records of numbers and arrays of them, no strings or "
                  "vectors: name the fields with ACRE_RECORD.");
    const task::FunctionId function = executor::mapped_function<F, executor::Whole, R>(*executor.engine());
    check_options(options);
    std::optional<std::uint64_t> total;
    if constexpr (std::ranges::sized_range<R>) total = static_cast<std::uint64_t>(std::ranges::size(items));
    using Passed = typename task::Signature<std::decay_t<decltype(F)>>::Passed;
    auto recorder =
        open_stage({stage, input_schema(Passed{}), wire::schema_of<ResultOf<F>>()}, executor, total);
    executor::MapPlan plan{function, stage_key(stage), true, options, std::move(recorder)};
    return Results<Yield>(
        executor::make_run<F, executor::Whole>(executor.engine(), std::forward<R>(items), std::move(plan)));
  }

  template <class P>
  static wire::Schema input_schema(task::Types<P>) {
    if constexpr (wire::columnar<std::remove_cvref_t<P>>)
      return wire::schema_of<std::remove_cvref_t<P>>();
    else
      return {};
  }
  static void check_options(const MapOptions& options);
  void set_parameters(wire::Schema schema, Bytes values);
  std::uint64_t stage_key(const std::string& stage) const;
  std::shared_ptr<executor::Recorder> open_stage(const campaign::StageInfo& stage, Executor& executor,
                                                 std::optional<std::uint64_t> total);

  std::unique_ptr<campaign::Keeper> keeper_;
};

}  // namespace acre

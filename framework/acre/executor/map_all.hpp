// A map that is under way as a whole from the start, whatever it takes: nobody has to iterate it.
#pragma once

#include <vector>

#include <acre/executor/joint.hpp>
#include <acre/executor/range_source.hpp>
#include <acre/executor/task_row.hpp>

namespace acre::executor {

/// Submits all items of the source: their states, in order, in rows made so. Blocks while the source does;
/// throws what that throws, and then what was submitted goes on.
std::vector<StateHandle> submit_all(const std::shared_ptr<Engine>& engine, Source& source,
                                    const MapPlan& plan, Engine::MakeRow make_row);

/// A promise of all values of F over the items, kept once all tasks have ended; if some failed, that of the
/// first in order is what it fails with. Throws as submit_all() does.
template <auto F, class Take, class Made, class R>
Promise<Made> map_all(const std::shared_ptr<Engine>& engine, R&& items, const MapOptions& options) {
  using Function = std::decay_t<decltype(F)>;
  const std::uint64_t key = random::stream_key(engine->options().seed, engine->next_stage());
  const auto source = make_source<Take, typename task::Signature<Function>::Passed>(std::forward<R>(items));
  auto states =
      submit_all(engine, *source, {mapped_function<F, Take, R>(*engine), key, true, options, nullptr},
                 &TaskRowOf<task::ResultOf<Function>>::make);
  const Joint joint(states, Enough::all);
  const Promise<Made> promise(joint.needs());
  const auto make = [promise, states](std::size_t) {
    promise.keep([&]() -> Made {
      if constexpr (std::is_void_v<Made>) {
        for (const auto& state : states) state->get();
      } else {
        Made all;
        all.reserve(states.size());
        for (const auto& state : states)
          all.push_back(std::move(*static_cast<task::ResultOf<Function>*>(state->get())));
        return all;
      }
    });
  };
  if (states.empty())
    make(0);
  else
    joint.on_enough(make);
  return promise;
}

}  // namespace acre::executor

// when_all, when_any: one future of many.
#pragma once

#include <tuple>
#include <variant>
#include <vector>

#include <acre/executor/future.hpp>
#include <acre/executor/joint.hpp>
#include <acre/executor/take_value.hpp>

namespace acre {
namespace executor {

/// The value of a future that has ended, as a part of something: a copy, or moved out if it cannot be copied.
template <class T>
auto part_of(Future<T>& future) {
  if constexpr (std::is_void_v<T>) {
    future.get();
    return std::monostate{};
  } else if constexpr (std::is_copy_constructible_v<T>) {
    return std::as_const(future).get();
  } else {
    return std::move(future).get();
  }
}

/// A future of make(place), called once enough of the states have ended; of a value that is there without
/// any.
template <class Made, class Make>
Future<Made> make_when(std::vector<StateHandle> states, Enough enough, Make make) {
  const bool none = states.empty();
  const Joint joint(std::move(states), enough);
  const Promise<Made> promise(joint.needs());
  const auto shared = std::make_shared<Make>(std::move(make));
  const auto finish = [promise, shared](std::size_t place) {
    promise.keep([&]() -> Made { return (*shared)(place); });
  };
  if (none)
    finish(0);
  else
    joint.on_enough(finish);
  return Future<Made>(promise.state());
}

template <class T>
std::vector<StateHandle> states_of(const std::vector<Future<T>>& futures) {
  std::vector<StateHandle> states;
  states.reserve(futures.size());
  for (const auto& future : futures) states.push_back(future.state());
  return states;
}

template <class T>
using AllOf = std::conditional_t<std::is_void_v<T>, void, std::vector<ValueOf<T>>>;
}  // namespace executor

/// A future of all results, in the order of the futures (of nothing, for futures of nothing), which may be of
/// several executors. It fails as soon as one of them has, with that failure; the others go on. Results that
/// can be copied are, others are moved out of their futures. Any thread; does not block.
template <class T>
auto when_all(std::vector<Future<T>> futures) -> Future<executor::AllOf<T>> {
  auto states = executor::states_of(futures);
  return executor::make_when<executor::AllOf<T>>(
      std::move(states), executor::Enough::all_or_a_failure,
      [futures = std::move(futures)](std::size_t last) mutable -> executor::AllOf<T> {
        if (last < futures.size()) futures[last].state()->rethrow();
        if constexpr (std::is_void_v<T>) {
          for (const auto& future : futures) future.get();
        } else {
          std::vector<T> all;
          all.reserve(futures.size());
          for (auto& future : futures) all.push_back(executor::part_of(future));
          return all;
        }
      });
}

/// The same for futures of several types: a tuple, with std::monostate for those of nothing.
template <class... T>
requires(sizeof...(T) > 0) auto when_all(Future<T>... futures)
    -> Future<std::tuple<executor::ValueOf<T>...>> {
  std::vector<executor::StateHandle> states{futures.state()...};
  return executor::make_when<std::tuple<executor::ValueOf<T>...>>(
      std::move(states), executor::Enough::all_or_a_failure,
      [all = std::tuple(std::move(futures)...)](std::size_t last) mutable {
        std::size_t place = 0;
        const auto check = [&](auto& future) {
          if (place++ == last) future.state()->rethrow();
        };
        return std::apply(
            [&](auto&... future) {
              (check(future), ...);
              return std::tuple<executor::ValueOf<T>...>{executor::part_of(future)...};
            },
            all);
      });
}

/// A future of the position of the first future that ends, in any way. Any thread; does not block; throws
/// acre::Error for no futures, as none of them would ever end.
template <class T>
Future<std::size_t> when_any(const std::vector<Future<T>>& futures) {
  if (futures.empty()) throw Error("when_any needs at least one future: none of no futures ever ends");
  return executor::make_when<std::size_t>(executor::states_of(futures), executor::Enough::one,
                                          [](std::size_t first) { return first; });
}

}  // namespace acre

// What a map reads: the items of a range, as arguments of its task function.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <tuple>
#include <utility>
#include <vector>

#include <acre/executor/map_run.hpp>
#include <acre/task/invoke.hpp>

namespace acre::executor {

/// Each item is the one argument of the task function.
struct Whole {
  template <class Passed>
  struct Item {
    using type = int;  // of a function that is refused
  };
  template <class P>
  struct Item<task::Types<P>> {
    using type = std::remove_cvref_t<P>;
  };
  template <class F, class Item>
  static constexpr void check() {
    task::check_task<F, Item>();
  }
  template <class Passed, class Item>
  static void encode(wire::Writer& writer, Passed passed, const Item& item) {
    task::encode_arguments(writer, passed, item);
  }
};

/// Each item is a tuple, or a pair, of the arguments of the task function.
struct Spread {
  template <class Passed>
  struct Item;
  template <class... P>
  struct Item<task::Types<P...>> {
    using type = std::tuple<std::remove_cvref_t<P>...>;
  };
  template <class F, class Item>
  static constexpr void check() {
    using Tuple = std::remove_cvref_t<Item>;
    constexpr bool is_tuple = requires { std::tuple_size<Tuple>::value; };
    static_assert(is_tuple,
                  "acre: starmap takes a range of tuples, or of pairs: one element for each argument.");
    if constexpr (is_tuple) check_elements<F, Tuple>(std::make_index_sequence<std::tuple_size_v<Tuple>>{});
  }
  template <class Passed, class Item>
  static void encode(wire::Writer& writer, Passed passed, const Item& item) {
    std::apply([&](const auto&... arguments) { task::encode_arguments(writer, passed, arguments...); }, item);
  }

 private:
  template <class F, class Tuple, std::size_t... I>
  static constexpr void check_elements(std::index_sequence<I...>) {
    task::check_task<F, std::tuple_element_t<I, Tuple>...>();
  }
};

/// What a braced list of items for the function object F is.
template <class Take, class F>
struct BracedList {
  using type = std::vector<int>;  // of a function that is refused
};
template <class Take, task::plain_function F>
struct BracedList<Take, F> {
  using type = std::vector<typename Take::template Item<typename task::Signature<F>::Passed>::type>;
};
template <class Take, auto F>
using Braced = typename BracedList<Take, std::decay_t<decltype(F)>>::type;

/// A source over a range that it owns (or refers to, if the caller keeps it): moves items out of single-pass
/// ranges.
template <class Take, class Passed, class Range>
class RangeSource final : public Source {
 public:
  explicit RangeSource(Range&& range) : range_(std::forward<Range>(range)) {}

  bool read(ItemRange& items, std::uint32_t most, std::size_t most_bytes) override {
    wire::Writer writer(items.arguments, items.memory);
    while (items.size() < most && writer.size() < most_bytes) {
      if (!advance()) return false;
      Take::encode(writer, Passed{}, **at_);
      items.ends.push_back(writer.size());
    }
    return true;
  }
  bool at_hand() const noexcept override { return std::ranges::contiguous_range<Range>; }

 private:
  bool advance() {
    if (!at_)
      at_.emplace(std::ranges::begin(range_));
    else if (*at_ != std::ranges::end(range_))
      ++*at_;
    return *at_ != std::ranges::end(range_);
  }

  Range range_;
  std::optional<std::ranges::iterator_t<std::remove_reference_t<Range>>> at_;
};

/// A source over values in memory that are encoded by copying it.
template <class Range>
class FlatSource final : public Source {
  static constexpr std::size_t width = sizeof(std::ranges::range_value_t<Range>);

 public:
  explicit FlatSource(Range&& range) : range_(std::forward<Range>(range)) {}

  bool read(ItemRange& items, std::uint32_t most, std::size_t most_bytes) override {
    const std::size_t size = std::ranges::size(range_), before = items.arguments.size();
    const std::size_t room = most_bytes > before ? (most_bytes - before - 1) / width + 1 : 0;
    const std::size_t count = std::min({size - next_, std::size_t{most} - items.size(), room});
    wire::Writer(items.arguments).append(std::ranges::data(range_) + next_, count * width);
    const std::size_t first = items.ends.size();
    items.ends.resize(first + count);
    for (std::size_t i = 0; i < count; ++i) items.ends[first + i] = before + (i + 1) * width;
    next_ += count;
    return next_ != size;
  }
  bool at_hand() const noexcept override { return true; }

 private:
  Range range_;
  std::size_t next_ = 0;
};

/// Whether a range of R has the one argument P of a task function as it is encoded.
template <class Take, class Passed, class R>
inline constexpr bool is_flat_source = false;
template <class P, class R>
requires(std::ranges::contiguous_range<R>&& std::ranges::sized_range<R>) inline constexpr bool is_flat_source<
    Whole, task::Types<P>, R> = std::is_same_v<std::ranges::range_value_t<R>, std::remove_cvref_t<P>> &&
                                wire::is_flat<std::remove_cvref_t<P>>();

/// The source over this range.
template <class Take, class Passed, class R>
std::unique_ptr<Source> make_source(R&& items) {
  if constexpr (is_flat_source<Take, Passed, R>)
    return std::make_unique<FlatSource<R>>(std::forward<R>(items));
  else
    return std::make_unique<RangeSource<Take, Passed, R>>(std::forward<R>(items));
}

/// The task function of a map over the range R, which is refused here if it cannot be.
template <auto F, class Take, class R>
task::FunctionId mapped_function(const Engine& engine) {
  Take::template check<std::decay_t<decltype(F)>, std::ranges::range_reference_t<R>>();
  const task::TaskFunction& function = task::task_function<F>();
  engine.check(function.wants);
  return function.id;
}

/// The map that the plan describes, over these items.
template <auto F, class Take, class R>
std::unique_ptr<MapRun> make_run(const std::shared_ptr<Engine>& engine, R&& items, MapPlan plan) {
  using Passed = typename task::Signature<std::decay_t<decltype(F)>>::Passed;
  return std::make_unique<MapRun>(engine, make_source<Take, Passed>(std::forward<R>(items)), std::move(plan));
}

}  // namespace acre::executor
